/// The batches of a log, one after the other.
public struct LogBatches: AsyncSequence, Sendable {
    let log: any InvalidationLog
    let position: LogPosition?
    let heartbeat: Duration

    /// Asks the log for one batch at a time.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let log: any InvalidationLog
        private let heartbeat: Duration
        private var position: LogPosition?

        init(_ batches: LogBatches) {
            log = batches.log
            heartbeat = batches.heartbeat
            position = batches.position
        }

        /// Waits for the next batch, records or not.
        public mutating func next() async throws -> LogBatch? {
            let batch = try await log.nextBatch(after: position, patience: heartbeat)
            position = batch.position
            return batch
        }
    }

    /// Begins at the position of the sequence.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}
