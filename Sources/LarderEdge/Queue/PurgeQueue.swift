public import Larder

/// Where purges wait until vendors have accepted them, together with how far the invalidation log has been read.
///
/// A purge leaves the queue only after it was accepted, and the position moves only together with the purges that it
/// stands for: whoever reads the queue after a crash sends some purges twice, and misses none.
///
/// What is asked for twice waits once: a purge that is added takes the place of an equal one, and is hard if one of them is.
/// One that is added while an equal one is being sent stays, since that one may have come too early for it.
public protocol PurgeQueue: Sendable {
    /// How far the log has been read; `nil` before the first time.
    ///
    /// - Throws: ``EdgeError`` with the code `queueUnavailable`.
    func position() async throws(EdgeError) -> LogPosition?

    /// Adds purges, and moves the position, both or neither.
    ///
    /// - Parameters:
    ///   - purges: The purges.
    ///   - position: The new position; `nil` to leave it.
    /// - Throws: ``EdgeError`` with the code `queueUnavailable`.
    func add(_ purges: [PendingPurge], movingTo position: LogPosition?) async throws(EdgeError)

    /// The purges of a purger that may be sent, those that are due first in front.
    ///
    /// - Parameters:
    ///   - purger: The name of the purger.
    ///   - now: Milliseconds since 1970 in UTC.
    ///   - limit: How many to return at most.
    /// - Returns: The purges, which stay in the queue.
    /// - Throws: ``EdgeError`` with the code `queueUnavailable`.
    func purges(of purger: String, dueAt now: Int64, limit: Int) async throws(EdgeError) -> [PendingPurge]

    /// Removes purges that are done, unless equal ones were added since, and adds their echoes, both or neither.
    ///
    /// - Parameters:
    ///   - purges: The purges, as they were read.
    ///   - echoes: What to add.
    /// - Throws: ``EdgeError`` with the code `queueUnavailable`.
    func settle(_ purges: [PendingPurge], adding echoes: [PendingPurge]) async throws(EdgeError)

    /// How many purges of a purger wait that are no echoes, and since when the oldest does.
    ///
    /// - Parameter purger: The name of the purger.
    /// - Returns: The number, and milliseconds since 1970 in UTC.
    /// - Throws: ``EdgeError`` with the code `queueUnavailable`.
    func backlog(of purger: String) async throws(EdgeError) -> (count: Int, oldest: Int64?)
}
