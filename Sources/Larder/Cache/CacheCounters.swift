import MemoryCache
import Synchronization

/// The counters of everything but the hits of L1, which L1 counts under the lock it holds anyway.
final class CacheCounters: Sendable {
    let storeHits = Atomic<Int>(0)
    let staleHits = Atomic<Int>(0)
    let misses = Atomic<Int>(0)
    let coalescedReads = Atomic<Int>(0)
    let loads = Atomic<Int>(0)
    let loadFailures = Atomic<Int>(0)
    let fencedLoads = Atomic<Int>(0)
    let storeFailures = Atomic<Int>(0)
    let rewraps = Atomic<Int>(0)
    /// Fills of the store that were dropped because too many waited.
    let droppedFills = Atomic<Int>(0)
    /// Hits that L1 counted but that did not answer the read, because the entry was stale or an absence.
    let unusedMemoryHits = Atomic<Int>(0)
    /// Hits of L1 that it did not count, because they came by a second look.
    let lateMemoryHits = Atomic<Int>(0)
    /// Loads that were started before their entry expired.
    let refreshes = Atomic<Int>(0)
    /// What loads typically take, in nanoseconds: an average in which each load counts an eighth.
    private let typicalLoadNanoseconds = Atomic<Int64>(0)
    private let undecodable = Locked<[String: Int]>([:])
    private let missReasons = Locked<[MissReason: Int]>([:])
    private let removals = Locked<[RemovalCause: Int]>([:])

    /// What loads typically take.
    var typicalLoad: Duration { .nanoseconds(typicalLoadNanoseconds.load(ordering: .relaxed)) }

    /// Takes a load into the average; of two at the same time one may be lost.
    func noteLoad(_ duration: Duration) {
        let average = typicalLoadNanoseconds.load(ordering: .relaxed)
        let taken = duration.wholeNanoseconds
        typicalLoadNanoseconds.store(average == 0 ? taken : average + (taken - average) / 8, ordering: .relaxed)
    }

    func countUndecodable(_ reason: String) {
        undecodable.withLock { $0[reason, default: 0] += 1 }
    }

    func countMiss(_ reason: MissReason) {
        misses.increment()
        missReasons.withLock { $0[reason, default: 0] += 1 }
    }

    func countRemoval(_ cause: RemovalCause) {
        removals.withLock { $0[cause, default: 0] += 1 }
    }

    func statistics(
        memory: MemoryCacheStatistics,
        timeouts: (abandoned: Int, overdue: Int),
        limiter: LoadLimiter.Counts
    ) -> CacheStatistics {
        var statistics = CacheStatistics()
        statistics.memoryHits =
            max(0, memory.hits - unusedMemoryHits.load(ordering: .relaxed))
            + lateMemoryHits.load(ordering: .relaxed)
        statistics.storeHits = storeHits.load(ordering: .relaxed)
        statistics.staleHits = staleHits.load(ordering: .relaxed)
        statistics.misses = misses.load(ordering: .relaxed)
        statistics.coalescedReads = coalescedReads.load(ordering: .relaxed)
        statistics.loads = loads.load(ordering: .relaxed)
        statistics.loadFailures = loadFailures.load(ordering: .relaxed)
        statistics.abandonedLoads = timeouts.abandoned
        statistics.callerTimeouts = timeouts.overdue
        statistics.runningLoads = limiter.running
        statistics.queuedLoads = limiter.queued
        statistics.refusedLoads = limiter.refused
        statistics.fencedLoads = fencedLoads.load(ordering: .relaxed)
        statistics.refreshes = refreshes.load(ordering: .relaxed)
        statistics.storeFailures = storeFailures.load(ordering: .relaxed)
        statistics.droppedFills = droppedFills.load(ordering: .relaxed)
        statistics.reencrypted = rewraps.load(ordering: .relaxed)
        statistics.undecodable = undecodable.withLock { $0 }
        statistics.missReasons = missReasons.withLock { $0 }
        statistics.removals = removals.withLock { $0 }
        statistics.evictions = memory.evictions
        statistics.expirations = memory.expirations
        statistics.entries = memory.entries
        statistics.weight = memory.weight
        return statistics
    }
}

extension Atomic where Value == Int {
    /// Adds one.
    func increment() { wrappingAdd(1, ordering: .relaxed) }
}
