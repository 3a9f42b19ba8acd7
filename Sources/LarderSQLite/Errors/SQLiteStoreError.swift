/// An error of a ``SQLiteStore``.
public struct SQLiteStoreError: Error {
    /// What kind of error this is.
    ///
    /// New kinds may be added in minor versions.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Wrapped: String {
            case invalidConfiguration
            case invalidTimeToLive
            case valueTooLarge
            case cannotOpen
            case foreignDatabase
            case overloaded
            case busy
            case diskFull
            case corrupt
            case failed
            case shutDown
        }

        private let wrapped: Wrapped

        /// A setting is out of its range.
        public static let invalidConfiguration = Code(wrapped: .invalidConfiguration)
        /// A time to live is zero or negative.
        public static let invalidTimeToLive = Code(wrapped: .invalidTimeToLive)
        /// A key and its value are larger together than the limit.
        public static let valueTooLarge = Code(wrapped: .valueTooLarge)
        /// The file could not be opened or created.
        public static let cannotOpen = Code(wrapped: .cannotOpen)
        /// The file is a SQLite database of another program.
        public static let foreignDatabase = Code(wrapped: .foreignDatabase)
        /// More writes are waiting than the limit allows.
        public static let overloaded = Code(wrapped: .overloaded)
        /// Another process held the file for longer than the busy timeout.
        public static let busy = Code(wrapped: .busy)
        /// There was no room on the disk to write to.
        public static let diskFull = Code(wrapped: .diskFull)
        /// The file is damaged, and so was the one that replaced it.
        public static let corrupt = Code(wrapped: .corrupt)
        /// SQLite failed in another way.
        public static let failed = Code(wrapped: .failed)
        /// The store was shut down.
        public static let shutDown = Code(wrapped: .shutDown)

        /// The name of the kind.
        public var description: String { wrapped.rawValue }
    }

    /// What kind of error this is.
    public var code: Code

    /// What happened, and what to do about it.
    public var message: String

    /// The error that caused this one, if there is one.
    public var underlyingError: (any Error)?

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: What kind of error this is.
    ///   - message: What happened, and what to do about it.
    ///   - underlyingError: The error that caused this one, if there is one.
    public init(_ code: Code, _ message: String, underlyingError: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlyingError = underlyingError
    }
}

extension SQLiteStoreError: CustomStringConvertible {
    /// The code, the message, and the cause.
    public var description: String {
        guard let underlyingError else { return "\(code): \(message)" }
        return "\(code): \(message) (caused by: \(underlyingError))"
    }
}
