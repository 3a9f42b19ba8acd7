/// An error of what LarderRedis keeps on servers; errors of the connection are those of the `RESP` module.
public struct RedisStoreError: Error {
    /// What kind of error this is.
    ///
    /// New kinds may be added in minor versions.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Wrapped: String {
            case invalidConfiguration
            case invalidTimeToLive
            case valueTooLarge
            case unexpectedReply
            case noNodeLeft
            case journalFull
            case journalLost
        }

        private let wrapped: Wrapped

        /// A setting is out of its range.
        public static let invalidConfiguration = Code(wrapped: .invalidConfiguration)
        /// A time to live is zero or negative.
        public static let invalidTimeToLive = Code(wrapped: .invalidTimeToLive)
        /// A key and its value are larger together than the limit.
        public static let valueTooLarge = Code(wrapped: .valueTooLarge)
        /// The server answered with something else than the command has.
        public static let unexpectedReply = Code(wrapped: .unexpectedReply)
        /// All nodes of a ring are ejected.
        public static let noNodeLeft = Code(wrapped: .noNodeLeft)
        /// A journal has as many records or dead letters as it may have.
        public static let journalFull = Code(wrapped: .journalFull)
        /// The server has lost a journal while it was open.
        public static let journalLost = Code(wrapped: .journalLost)

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

extension RedisStoreError: CustomStringConvertible {
    /// The code, the message, and the cause.
    public var description: String {
        guard let underlyingError else { return "\(code): \(message)" }
        return "\(code): \(message) (caused by: \(underlyingError))"
    }
}
