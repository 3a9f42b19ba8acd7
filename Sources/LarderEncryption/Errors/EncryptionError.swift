/// An error of the encryption: of its keys, or of where they come from.
public struct EncryptionError: Error, CustomStringConvertible {
    /// What kind of error this is.
    ///
    /// New kinds may be added in minor versions.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Wrapped: String {
            case invalidKey
            case invalidKeys
            case noActiveKey
            case keyUsedUp
            case unreadableKeys
            case sealingFailed
        }

        private let wrapped: Wrapped

        /// A key has the wrong length or number.
        public static let invalidKey = Code(wrapped: .invalidKey)
        /// Keys do not go together: two with one number, or two active ones.
        public static let invalidKeys = Code(wrapped: .invalidKeys)
        /// There is no key to encrypt with.
        public static let noActiveKey = Code(wrapped: .noActiveKey)
        /// The active key was used as often as it may be.
        public static let keyUsedUp = Code(wrapped: .keyUsedUp)
        /// Keys could not be read from where they are kept.
        public static let unreadableKeys = Code(wrapped: .unreadableKeys)
        /// The cryptography failed.
        public static let sealingFailed = Code(wrapped: .sealingFailed)

        /// The name of the kind.
        public var description: String { wrapped.rawValue }
    }

    /// What kind of error this is.
    public var code: Code

    /// What happened, and what to do about it; no part of any key.
    public var message: String

    /// The error that caused this one, if there is one.
    public var underlyingError: (any Error)?

    init(_ code: Code, _ message: String, underlyingError: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlyingError = underlyingError
    }

    /// The code, the message, and the cause.
    public var description: String {
        guard let underlyingError else { return "\(code): \(message)" }
        return "\(code): \(message) (caused by: \(underlyingError))"
    }
}
