/// The ordered list of the invalidations of all nodes.
///
/// Any type that passes `InvalidationLogConformance` of the `LarderTesting` product may serve as a log.
///
/// ## What a log promises
///
/// - **One order.** Each record has an offset, larger than that of each record whose append had returned before. All
///   readers get the records in the order of their offsets, and none twice.
/// - **Nothing is lost in silence.** A reader gets each record after its position, or is told of a gap: because the
///   records were trimmed, or because this is another log than the one that the position belongs to.
/// - **An append is final where it returns.** A read that begins after that, on any node, gets the record.
/// - **Errors are thrown, never hidden.** An append that throws may or may not have taken effect.
/// - **Calls may come from any thread at once.**
public protocol InvalidationLog: Sendable {
    /// Appends records, one behind the other, all of them or none.
    ///
    /// - Parameter records: The records, at least one.
    /// - Returns: The position behind the last of them; the others stand right before it, with the offsets before its
    ///   own.
    /// - Throws: Whatever kept the log from appending; a record that is larger than
    ///   ``InvalidationRecord/maximumBytes`` is refused.
    func append(_ records: [InvalidationRecord]) async throws -> LogPosition

    /// Reads what comes after a position, and waits if there is nothing yet.
    ///
    /// - Parameters:
    ///   - position: The reader's position; `nil` for a reader that knows nothing, who is told of a gap, behind which
    ///     all records follow that the log still has.
    ///   - patience: How long to wait for a record. After that the batch has none, and says that the reader is up to
    ///     date: the heartbeat of the log.
    /// - Returns: The next records, at most a few thousand.
    /// - Throws: Whatever kept the log from answering; `CancellationError` if the task was cancelled while it waited.
    func nextBatch(after position: LogPosition?, patience: Duration) async throws -> LogBatch

    /// Gives back files and connections.
    ///
    /// Calls that wait end, and later ones throw; to shut down again does nothing.
    func shutdown() async
}

extension InvalidationLog {
    /// Appends one record.
    ///
    /// - Parameter record: The record.
    /// - Returns: The position behind it.
    /// - Throws: Whatever kept the log from appending.
    public func append(_ record: InvalidationRecord) async throws -> LogPosition {
        try await append([record])
    }

    /// The batches after a position, without an end.
    ///
    /// - Parameters:
    ///   - position: The position to begin at; `nil` for the oldest that the log has.
    ///   - heartbeat: After how long without records an empty batch comes.
    /// - Returns: The batches; an iterator asks for one at a time, and ends with the error of the log.
    public func records(after position: LogPosition? = nil, heartbeat: Duration = .seconds(1)) -> LogBatches {
        LogBatches(log: self, position: position, heartbeat: heartbeat)
    }
}
