/// Where invalidations wait that the store or the invalidation log could not take, so that they survive the process.
///
/// A system with a queue puts into it what failed, denies itself what it touches, and takes it out once it was
/// delivered; see <doc:Undelivered>. One process at a time may use a queue.
public protocol InvalidationQueue: Sendable {
    /// Reads what waits, oldest first.
    ///
    /// - Returns: All that was added and not removed, by this process or an earlier one.
    /// - Throws: Whatever kept the queue from answering.
    func contents() async throws -> [UndeliveredInvalidation]

    /// Adds some invalidations and removes others, both or neither, durably.
    ///
    /// - Parameters:
    ///   - added: What is to wait.
    ///   - numbers: The numbers of what was delivered; those that are not there are passed over.
    /// - Returns: The numbers of what was added, in order; each is new.
    /// - Throws: Whatever kept the queue from keeping them.
    func change(adding added: [InvalidationRecord], removing numbers: [Int64]) async throws -> [Int64]

    /// Gives back files. Later calls throw.
    func close() async
}

/// An invalidation that waits to be delivered.
public struct UndeliveredInvalidation: Hashable, Sendable {
    /// Its number in the queue.
    public var number: Int64

    /// What is to be invalidated.
    public var record: InvalidationRecord

    /// Makes one.
    ///
    /// - Parameters:
    ///   - number: Its number in the queue.
    ///   - record: What is to be invalidated.
    public init(number: Int64, record: InvalidationRecord) {
        self.number = number
        self.record = record
    }
}
