/// An error of the edge tier.
public struct EdgeError: Error {
    /// What kind of error this is.
    ///
    /// New kinds may be added in minor versions.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Wrapped: String {
            case invalidConfiguration
            case unsupportedPurge
            case purgeRejected
            case transportFailed
            case queueUnavailable
        }

        private let wrapped: Wrapped

        /// A setting is out of its range, or a URL cannot be understood.
        public static let invalidConfiguration = Code(wrapped: .invalidConfiguration)
        /// A vendor cannot purge what was asked for, and the policy does not allow to purge more.
        public static let unsupportedPurge = Code(wrapped: .unsupportedPurge)
        /// A vendor refused a purge, and would refuse it again.
        public static let purgeRejected = Code(wrapped: .purgeRejected)
        /// A request could not be sent, or was not answered in time.
        public static let transportFailed = Code(wrapped: .transportFailed)
        /// The queue of purges could not be read or written.
        public static let queueUnavailable = Code(wrapped: .queueUnavailable)

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

extension EdgeError: CustomStringConvertible {
    /// The code, the message, and the cause.
    public var description: String {
        guard let underlyingError else { return "\(code): \(message)" }
        return "\(code): \(message) (caused by: \(underlyingError))"
    }
}
