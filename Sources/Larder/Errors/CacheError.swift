/// An error of the cache itself, as opposed to the errors of a caller's loader, which pass through unchanged.
public struct CacheError: Error {
    /// What kind of error this is.
    ///
    /// New kinds may be added in minor versions.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Wrapped: String {
            case invalidConfiguration
            case invalidKey
            case invalidPolicy
            case namespaceConflict
            case loadTimedOut
            case invalidLoad
            case unencodableValue
            case storeUnavailable
            case originUnavailable
            case overloaded
            case invalidPattern
            case invalidRule
            case invalidInvalidation
            case missingField
            case tooManyDependents
            case logUnavailable
            case sinkFailed
            case sinkTimedOut
            case writeRejected
            case journalUnavailable
            case journalInUse
            case shutDown
            case accessDenied
        }

        private let wrapped: Wrapped

        /// A setting of the system or of a namespace is out of its range.
        public static let invalidConfiguration = Code(wrapped: .invalidConfiguration)
        /// A key is empty or longer than the limit.
        public static let invalidKey = Code(wrapped: .invalidKey)
        /// A policy holds a negative or too long duration.
        public static let invalidPolicy = Code(wrapped: .invalidPolicy)
        /// A namespace was opened before with other types or settings.
        public static let namespaceConflict = Code(wrapped: .namespaceConflict)
        /// A load passed its deadline and was abandoned, or took longer than the caller waits.
        public static let loadTimedOut = Code(wrapped: .loadTimedOut)
        /// A loader said what it may not say, such as a negative lifetime of its result.
        public static let invalidLoad = Code(wrapped: .invalidLoad)
        /// The codec could not encode a value.
        public static let unencodableValue = Code(wrapped: .unencodableValue)
        /// The store failed or did not answer in time, and the operation depends on it.
        public static let storeUnavailable = Code(wrapped: .storeUnavailable)
        /// The origin failed so often of late that it is not asked for a while.
        public static let originUnavailable = Code(wrapped: .originUnavailable)
        /// As many loads run and wait, or as many writes are pending, as are allowed.
        public static let overloaded = Code(wrapped: .overloaded)
        /// The text of a pattern says nothing sensible.
        public static let invalidPattern = Code(wrapped: .invalidPattern)
        /// A rule for lifetimes or events contradicts itself or another one.
        public static let invalidRule = Code(wrapped: .invalidRule)
        /// An invalidation is larger than the log takes, or names something that cannot exist.
        public static let invalidInvalidation = Code(wrapped: .invalidInvalidation)
        /// An event lacks a field that a rule for it names.
        public static let missingField = Code(wrapped: .missingField)
        /// More keys depend on one another than the bound allows.
        public static let tooManyDependents = Code(wrapped: .tooManyDependents)
        /// The invalidation log failed, or was shut down.
        public static let logUnavailable = Code(wrapped: .logUnavailable)
        /// The sink did not take a write.
        public static let sinkFailed = Code(wrapped: .sinkFailed)
        /// The sink did not answer in time; it may or may not have taken the write.
        public static let sinkTimedOut = Code(wrapped: .sinkTimedOut)
        /// The sink will never take the write.
        public static let writeRejected = Code(wrapped: .writeRejected)
        /// The journal failed, so that a write cannot be kept.
        public static let journalUnavailable = Code(wrapped: .journalUnavailable)
        /// Another process has the journal.
        public static let journalInUse = Code(wrapped: .journalInUse)
        /// The cache was shut down.
        public static let shutDown = Code(wrapped: .shutDown)

        /// The access policy does not allow this to the one who asks for it.
        public static let accessDenied = Code(wrapped: .accessDenied)

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

extension CacheError: CustomStringConvertible {
    /// The code, the message, and the cause.
    public var description: String {
        guard let underlyingError else { return "\(code): \(message)" }
        return "\(code): \(message) (caused by: \(underlyingError))"
    }
}
