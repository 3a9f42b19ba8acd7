/// An error of a connection, of the protocol, or of the server.
public struct RESPError: Error {
    /// What kind of error this is.
    ///
    /// New kinds may be added in minor versions.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Wrapped: String {
            case invalidConfiguration
            case connectionFailed
            case connectionLost
            case authenticationFailed
            case protocolViolation
            case timedOut
            case overloaded
            case closed
            case serverError
            case unexpectedReply
        }

        private let wrapped: Wrapped

        /// A setting is out of its range, or a URL cannot be understood.
        public static let invalidConfiguration = Code(wrapped: .invalidConfiguration)
        /// No connection could be made.
        public static let connectionFailed = Code(wrapped: .connectionFailed)
        /// The connection broke after the command was sent; it may or may not have been carried out.
        public static let connectionLost = Code(wrapped: .connectionLost)
        /// The server refused the credentials.
        public static let authenticationFailed = Code(wrapped: .authenticationFailed)
        /// The peer sent bytes that are not RESP, or a reply beyond the limits.
        public static let protocolViolation = Code(wrapped: .protocolViolation)
        /// No reply came before the deadline; the command may or may not have been carried out.
        public static let timedOut = Code(wrapped: .timedOut)
        /// More commands or bytes wait than the limits allow; the command was not sent.
        public static let overloaded = Code(wrapped: .overloaded)
        /// The connection was closed by its owner.
        public static let closed = Code(wrapped: .closed)
        /// The server answered with an error.
        public static let serverError = Code(wrapped: .serverError)
        /// The server answered with a value of another type than the command has.
        public static let unexpectedReply = Code(wrapped: .unexpectedReply)

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

extension RESPError: CustomStringConvertible {
    /// The code, the message, and the cause.
    public var description: String {
        guard let underlyingError else { return "\(code): \(message)" }
        return "\(code): \(message) (caused by: \(underlyingError))"
    }
}

extension RESPError {
    /// An error reply, as an error.
    init(_ reply: RESPServerError) {
        self.init(.serverError, "the server answered: \(reply.message)", underlyingError: reply)
    }

    /// A reply that the command does not have.
    ///
    /// - Parameters:
    ///   - reply: What the server answered.
    ///   - command: What it was asked.
    /// - Returns: The error.
    package static func unexpected(_ reply: RESPValue, to command: String) -> RESPError {
        if case .error(let error) = reply { return RESPError(error) }
        let text = "\(reply)".prefix(80)
        return RESPError(.unexpectedReply, "\(command) was answered with \(text); is this a Redis or Valkey server?")
    }
}
