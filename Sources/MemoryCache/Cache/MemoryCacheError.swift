/// An error of ``MemoryCache``.
public struct MemoryCacheError: Error, Hashable, CustomStringConvertible {
    /// What kind of error this is.
    ///
    /// New kinds may be added in minor versions.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Wrapped: String {
            case invalidCapacity
            case unknownSize
            case recordingFailed
        }

        private let wrapped: Wrapped

        /// The capacity is not a positive number.
        public static let invalidCapacity = Code(wrapped: .invalidCapacity)

        /// The capacity is in bytes, and nobody knows how many a key or a value holds.
        public static let unknownSize = Code(wrapped: .unknownSize)

        /// Requests could not be recorded.
        public static let recordingFailed = Code(wrapped: .recordingFailed)

        /// The name of the kind.
        public var description: String { wrapped.rawValue }
    }

    /// What kind of error this is.
    public let code: Code

    /// What happened, and what to do about it.
    public let message: String

    /// The code and the message.
    public var description: String { "\(code): \(message)" }
}
