/// An error of the notes vault, told in words that say what to do.
public struct VaultError: Error {
    /// What kind of error this is.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Wrapped: String {
            case invalidID
            case invalidNote
            case invalidQuery
            case conflict
            case noteTooLarge
            case unreadableVault
            case dataFolder
            case addressInUse
            case replay
        }

        private let wrapped: Wrapped

        /// A note's id is not the path of a file inside the vault.
        public static let invalidID = Code(wrapped: .invalidID)
        /// The text of a note is not UTF-8.
        public static let invalidNote = Code(wrapped: .invalidNote)
        /// A search has nothing to look for, or too much.
        public static let invalidQuery = Code(wrapped: .invalidQuery)
        /// Something else stands where the note should be written.
        public static let conflict = Code(wrapped: .conflict)
        /// The text of a note is over the limit.
        public static let noteTooLarge = Code(wrapped: .noteTooLarge)
        /// The vault's folder is missing, is no folder, or may not be read.
        public static let unreadableVault = Code(wrapped: .unreadableVault)
        /// The data folder may not be written, or another process uses it.
        public static let dataFolder = Code(wrapped: .dataFolder)
        /// The address to listen on is taken or not ours.
        public static let addressInUse = Code(wrapped: .addressInUse)
        /// The replay could not talk to its server.
        public static let replay = Code(wrapped: .replay)

        /// The name of the kind.
        public var description: String { wrapped.rawValue }
    }

    /// What kind of error this is.
    public var code: Code

    /// What happened, and what to do about it.
    public var message: String

    /// The error that caused this one, if there is one.
    public var underlyingError: (any Error)?

    init(_ code: Code, _ message: String, underlyingError: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlyingError = underlyingError
    }
}

extension VaultError: CustomStringConvertible {
    /// The message, and the cause.
    public var description: String {
        guard let underlyingError else { return message }
        return "\(message) (caused by: \(underlyingError))"
    }
}
