/// The newest records of a log in memory.
package struct LogRing: Sendable {
    package let epoch: UInt64
    private let limit: Int
    private var records: [LoggedInvalidation] = []
    /// Where in the array the oldest record lies, once the array is full.
    private var start = 0
    /// The offset of the newest record.
    package private(set) var newest: UInt64 = 0

    package init(epoch: UInt64, limit: Int) {
        self.epoch = epoch
        self.limit = limit
    }

    package var end: LogPosition { LogPosition(epoch: epoch, offset: newest) }

    package mutating func append(_ record: InvalidationRecord) {
        newest += 1
        let logged = LoggedInvalidation(record, at: newest)
        if records.count < limit {
            records.append(logged)
        } else {
            records[start] = logged
            start = (start + 1) % limit
        }
    }

    /// What comes after a position, or `nil` if nothing does.
    package func batch(after position: LogPosition?, limit: Int) -> LogBatch? {
        let oldest = newest - UInt64(records.count)
        guard let position, position.epoch == epoch, position.offset >= oldest, position.offset <= newest else {
            let beginning = LogPosition(epoch: epoch, offset: oldest)
            return LogBatch(records: [], position: beginning, isAfterGap: true, recordsBehind: newest - oldest)
        }
        guard position.offset < newest else { return nil }
        let first = Int(position.offset - oldest)
        let count = min(records.count - first, limit)
        let taken = (first..<first + count).map { records[(start + $0) % records.count] }
        let offset = position.offset + UInt64(count)
        return LogBatch(
            records: taken,
            position: LogPosition(epoch: epoch, offset: offset),
            recordsBehind: newest - offset
        )
    }
}
