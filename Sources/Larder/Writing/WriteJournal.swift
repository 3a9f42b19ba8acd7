/// A durable queue of pending writes, for a ``WriteBehindCache``.
///
/// A journal keeps bytes: what they mean is the cache's affair. Any type that passes `WriteJournalConformance` of the
/// `LarderTesting` product may serve.
///
/// ## What a journal promises
///
/// - **What was appended stays.** Once ``append(_:)`` has returned, the records are found by the next
///   ``open()``, whatever happens to the process, until they are settled.
/// - **All or nothing.** Each call takes effect as a whole, or throws and takes no effect; one whose process dies may
///   have done either.
/// - **One owner.** ``open()`` takes the lease. Every later call of an owner that has lost it throws ``CacheError``
///   with the code `journalInUse`, and changes nothing: its fence is lower than the one in the journal.
/// - **Calls may come from any thread at once**, and many that come at once share one sync of the disk. Records may
///   come out of the order of their numbers.
public protocol WriteJournal: Sendable {
    /// Takes the lease and reads what an earlier owner left.
    ///
    /// - Returns: What the journal holds.
    /// - Throws: ``CacheError`` with the code `journalInUse` if another owner is alive; whatever kept the journal from
    ///   being opened.
    func open() async throws -> JournalContents

    /// Keeps records, durably.
    ///
    /// - Parameter records: The records; their numbers are new.
    /// - Throws: Whatever kept the journal from keeping them.
    func append(_ records: [JournalRecord]) async throws

    /// Notes that some records are about to be handed to the sink as one write with one token.
    ///
    /// - Parameter claims: The writes.
    /// - Throws: Whatever kept the journal from noting it.
    func claim(_ claims: [JournalClaim]) async throws

    /// Notes what became of claimed writes: forgets what is done, and moves what was given up to the dead letters.
    ///
    /// - Parameter settlements: The outcomes.
    /// - Throws: Whatever kept the journal from noting it.
    func settle(_ settlements: [JournalSettlement]) async throws

    /// Shows that the owner is alive.
    ///
    /// - Returns: The dead letters that somebody asked to be replayed.
    /// - Throws: ``CacheError`` with the code `journalInUse` if the lease was lost.
    func renewLease() async throws -> [DeadLetter]

    /// How often ``renewLease()`` has to be called; more than zero.
    var leaseRenewalInterval: Duration { get }

    /// Makes pending records of dead letters, as one step.
    ///
    /// - Parameter records: The records, each in place of the dead letter with the number of its token.
    /// - Throws: Whatever kept the journal from doing so.
    func revive(_ records: [JournalRecord]) async throws

    /// Lists dead letters, oldest first.
    ///
    /// - Parameters:
    ///   - number: The number of the last one of the page before, or `nil` for the first page.
    ///   - limit: The largest number of dead letters to return, at least 1.
    /// - Returns: The dead letters that come next; fewer than `limit` of them means the end.
    /// - Throws: Whatever kept the journal from answering.
    func deadLetters(after number: UInt64?, limit: Int) async throws -> [DeadLetter]

    /// Asks the owner to try dead letters again.
    ///
    /// - Parameter numbers: The dead letters; `nil` for all.
    /// - Returns: How many there are.
    /// - Throws: Whatever kept the journal from noting it.
    @discardableResult
    func requestReplay(of numbers: [UInt64]?) async throws -> Int

    /// Forgets dead letters for good.
    ///
    /// - Parameter numbers: The dead letters; `nil` for all.
    /// - Returns: How many were dropped.
    /// - Throws: Whatever kept the journal from dropping them.
    @discardableResult
    func dropDeadLetters(_ numbers: [UInt64]?) async throws -> Int

    /// Finishes what was begun, gives the lease back, and closes.
    ///
    /// Later calls throw; to close again does nothing.
    func close() async
}
