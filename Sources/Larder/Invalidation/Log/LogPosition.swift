/// A place in the invalidation log.
///
/// Places of one epoch are ordered by their offsets. Those of different epochs cannot be compared: between them the log
/// was lost, and nobody knows what it said.
public struct LogPosition: Hashable, Sendable {
    /// Which log this is a place in: a number of chance, a new one whenever a log is created or loses records that it
    /// should have kept.
    public var epoch: UInt64

    /// The offset of the last record before this place, which grows with each record; 0 before the first.
    public var offset: UInt64

    /// Makes a position.
    ///
    /// - Parameters:
    ///   - epoch: Which log it is a place in.
    ///   - offset: The offset of the last record before it.
    public init(epoch: UInt64, offset: UInt64) {
        self.epoch = epoch
        self.offset = offset
    }
}

extension LogPosition {
    /// Whether this place comes before another one of the same epoch, or is one of another epoch.
    package func precedes(_ other: LogPosition) -> Bool { epoch != other.epoch || offset < other.offset }
}

extension LogPosition: CustomStringConvertible {
    /// Epoch and offset, for logs.
    public var description: String { "\(String(epoch, radix: 16)):\(offset)" }
}
