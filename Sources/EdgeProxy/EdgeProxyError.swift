/// An error of the proxy itself.
public struct EdgeProxyError: Error {
    /// What kind of error this is.
    ///
    /// New kinds may be added in minor versions.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Wrapped: String {
            case invalidConfiguration
            case originUnreachable
            case originTimedOut
            case originBroke
        }

        private let wrapped: Wrapped

        /// A setting is out of its range, or a URL cannot be understood.
        public static let invalidConfiguration = Code(wrapped: .invalidConfiguration)
        /// No connection to the origin could be made.
        public static let originUnreachable = Code(wrapped: .originUnreachable)
        /// The origin did not answer in time.
        public static let originTimedOut = Code(wrapped: .originTimedOut)
        /// The origin broke the connection, or sent what is no HTTP.
        public static let originBroke = Code(wrapped: .originBroke)

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

extension EdgeProxyError: CustomStringConvertible {
    /// The code, the message, and the cause.
    public var description: String {
        guard let underlyingError else { return "\(code): \(message)" }
        return "\(code): \(message) (caused by: \(underlyingError))"
    }
}
