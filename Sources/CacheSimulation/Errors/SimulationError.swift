/// An error of reading a trace, or of what to simulate.
public struct SimulationError: Error {
    /// What kind of error this is.
    ///
    /// New kinds may be added in minor versions.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Wrapped: String {
            case unreadableFile
            case unknownFormat
            case invalidRecord
            case missingColumn
            case decompressionFailed
            case emptyTrace
            case invalidCapacity
        }

        private let wrapped: Wrapped

        /// The file is missing or may not be read.
        public static let unreadableFile = Code(wrapped: .unreadableFile)
        /// The name of the file does not tell its format.
        public static let unknownFormat = Code(wrapped: .unknownFormat)
        /// A record of the trace is cut off, or does not fit the format.
        public static let invalidRecord = Code(wrapped: .invalidRecord)
        /// A CSV file has no column of the name that was asked for.
        public static let missingColumn = Code(wrapped: .missingColumn)
        /// The file is damaged, or the command that decompresses it is not installed.
        public static let decompressionFailed = Code(wrapped: .decompressionFailed)
        /// The trace has no requests.
        public static let emptyTrace = Code(wrapped: .emptyTrace)
        /// A capacity is not a positive number or a percentage.
        public static let invalidCapacity = Code(wrapped: .invalidCapacity)

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

extension SimulationError: CustomStringConvertible {
    /// The message, and the cause.
    public var description: String {
        guard let underlyingError else { return message }
        return "\(message) (caused by: \(underlyingError))"
    }
}
