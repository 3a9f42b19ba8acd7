/// What a log answers to a reader: the records that come next.
public struct LogBatch: Hashable, Sendable {
    /// The records after the reader's position, in their order; none if nothing came while the reader waited.
    public var records: [LoggedInvalidation]

    /// The reader's new position.
    ///
    /// Each record up to it has been handed out, unless ``isAfterGap`` says otherwise.
    public var position: LogPosition

    /// Whether the reader has missed records that nobody has any more.
    ///
    /// The batch then has no records. What the reader knew is void: it cannot judge entries that are older than
    /// ``position``, and goes on from there.
    public var isAfterGap: Bool

    /// How many records are known to come after ``position``; 0 means that the reader is up to date.
    public var recordsBehind: UInt64

    /// Makes a batch.
    ///
    /// - Parameters:
    ///   - records: The records, in their order.
    ///   - position: The reader's new position.
    ///   - isAfterGap: Whether the reader has missed records.
    ///   - recordsBehind: How many records are known to come after the position.
    public init(
        records: [LoggedInvalidation],
        position: LogPosition,
        isAfterGap: Bool = false,
        recordsBehind: UInt64 = 0
    ) {
        self.records = records
        self.position = position
        self.isAfterGap = isAfterGap
        self.recordsBehind = recordsBehind
    }
}
