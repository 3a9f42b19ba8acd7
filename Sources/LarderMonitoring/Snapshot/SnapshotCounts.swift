public import Larder
import MemoryCache

/// What caches counted, in the form of a snapshot.
public struct SnapshotCounts: Codable, Hashable, Sendable {
    /// Reads answered from memory.
    public var memoryHits = 0
    /// Reads answered from the store.
    public var storeHits = 0
    /// Reads answered with a stale copy.
    public var staleHits = 0
    /// Reads that no tier had an answer for.
    public var misses = 0
    /// Why they had none, by the names of `MissReason`.
    public var missReasons: [String: Int] = [:]
    /// Reads that waited for another caller's load.
    public var coalescedReads = 0
    /// Loads that were started.
    public var loads = 0
    /// Loads that were started before their entry expired.
    public var refreshes = 0
    /// Loads that failed or were abandoned.
    public var failedLoads = 0
    /// Loads that were refused by a limit.
    public var refusedLoads = 0
    /// Loaded values that were not stored, because of a write or a removal meanwhile.
    public var fencedLoads = 0
    /// Callers who did not wait for a load any longer.
    public var callerTimeouts = 0
    /// Operations of the store that failed or took too long.
    public var storeFailures = 0
    /// Entries of the store that could not be used, by reason.
    public var undecodable: [String: Int] = [:]
    /// Entries that left the memory to make room.
    public var evictions = 0
    /// Entries that left the memory because they expired.
    public var expirations = 0

    /// Entries in memory.
    public var entries = 0
    /// The sum of their weights; in bytes for a capacity in bytes.
    public var weight = 0
    /// Loads that ask the origin.
    public var runningLoads = 0
    /// Loads that wait for leave to.
    public var queuedLoads = 0
    /// How long the oldest of them has been under way, in seconds.
    public var oldestLoadAge = 0.0
    /// The state of the breaker before the origin: `closed`, `open` or `halfOpen`; `nil` if there is none.
    public var breaker: String?
    /// For how long the invalidation log may have had records that are not applied, in seconds; `nil` if there is none.
    public var logLag: Double?
    /// Writes that are pending; `nil` where none is written behind.
    public var pendingWrites: Int?
    /// How long the oldest of them has been pending, in seconds.
    public var oldestPendingWriteAge: Double?

    /// All reads.
    public var requests: Int { hits + misses }

    /// Reads that a tier answered.
    public var hits: Int { memoryHits + storeHits + staleHits }

    /// The share of reads that a tier answered, from 0 to 1; `nil` before the first.
    public var hitRatio: Double? { requests == 0 ? nil : Double(hits) / Double(requests) }

    /// Makes counts of nothing.
    public init() {}

    /// Takes the counts of a cache.
    ///
    /// - Parameter statistics: The counts.
    public init(_ statistics: CacheStatistics) {
        memoryHits = statistics.memoryHits
        storeHits = statistics.storeHits
        staleHits = statistics.staleHits
        misses = statistics.misses
        missReasons = Dictionary(uniqueKeysWithValues: statistics.missReasons.map { ($0.key.rawValue, $0.value) })
        coalescedReads = statistics.coalescedReads
        loads = statistics.loads
        refreshes = statistics.refreshes
        failedLoads = statistics.loadFailures + statistics.abandonedLoads
        refusedLoads = statistics.refusedLoads
        fencedLoads = statistics.fencedLoads
        callerTimeouts = statistics.callerTimeouts
        storeFailures = statistics.storeFailures
        undecodable = statistics.undecodable
        evictions = statistics.evictions
        expirations = statistics.expirations
        entries = statistics.entries
        weight = statistics.weight
        runningLoads = statistics.runningLoads
        queuedLoads = statistics.queuedLoads
        oldestLoadAge = statistics.oldestLoadAge / .seconds(1)
        breaker = statistics.breaker?.rawValue
        logLag = statistics.logLag.map { $0 / .seconds(1) }
        pendingWrites = statistics.writeBehind?.pendingWrites
        oldestPendingWriteAge = statistics.writeBehind.map { $0.oldestAge / .seconds(1) }
    }
}

/// How long something took.
public struct SnapshotLatency: Codable, Hashable, Sendable {
    /// How often it was measured.
    public var count = 0
    /// The average, in seconds.
    public var mean = 0.0
    /// What half of them did not exceed, in seconds.
    public var p50 = 0.0
    /// What nine of ten did not exceed, in seconds.
    public var p90 = 0.0
    /// What 99 of 100 did not exceed, in seconds.
    public var p99 = 0.0
    /// What 999 of 1,000 did not exceed, in seconds.
    public var p999 = 0.0
    /// The longest, in seconds.
    public var maximum = 0.0

    /// The sum of all, in seconds.
    public var sum: Double { mean * Double(count) }

    /// Makes the latency of nothing.
    public init() {}

    /// Reads a histogram.
    ///
    /// - Parameter histogram: The histogram; its percentiles are at most 6.25 % too high.
    public init(_ histogram: LatencyHistogram) {
        count = histogram.count
        mean = histogram.mean / .seconds(1)
        p50 = histogram.percentile(0.5) / .seconds(1)
        p90 = histogram.percentile(0.9) / .seconds(1)
        p99 = histogram.percentile(0.99) / .seconds(1)
        p999 = histogram.percentile(0.999) / .seconds(1)
        maximum = histogram.maximum / .seconds(1)
    }
}

/// How long the phases of reads took.
public struct SnapshotLatencies: Codable, Hashable, Sendable {
    /// Reads of the store.
    public var store = SnapshotLatency()
    /// Loads.
    public var origin = SnapshotLatency()
    /// How old stale answers were.
    public var staleAge = SnapshotLatency()

    /// Makes latencies of nothing.
    public init() {}

    init(_ histograms: [LatencyPhase: LatencyHistogram]) {
        store = SnapshotLatency(histograms[.store] ?? LatencyHistogram())
        origin = SnapshotLatency(histograms[.origin] ?? LatencyHistogram())
        staleAge = SnapshotLatency(histograms[.staleAge] ?? LatencyHistogram())
    }
}

/// One step of the window of a snapshot.
public struct SnapshotStep: Codable, Hashable, Sendable {
    /// How long before the snapshot the step ended, in seconds; 0 for the newest, which is under way.
    public var age: Double
    /// How long it is, in seconds; the newest as far as it has come.
    public var length: Double
    /// Reads answered from memory.
    public var memoryHits = 0
    /// Reads answered from the store.
    public var storeHits = 0
    /// Reads answered with a stale copy.
    public var staleHits = 0
    /// Reads that no tier had an answer for.
    public var misses = 0
    /// Loads that were started.
    public var loads = 0
    /// Loads that failed or were abandoned.
    public var failedLoads = 0
    /// Entries in memory at its end.
    public var entries = 0
    /// What half of the reads of the store, and 99 of 100, did not exceed, in seconds; `nil` if there was none.
    public var storeP50, storeP99: Double?
    /// What half of the loads, and 99 of 100, did not exceed, in seconds; `nil` if there was none.
    public var originP50, originP99: Double?

    /// All reads.
    public var requests: Int { memoryHits + storeHits + staleHits + misses }

    /// The share of reads that a tier answered, from 0 to 1; `nil` if there was none.
    public var hitRatio: Double? {
        requests == 0 ? nil : Double(requests - misses) / Double(requests)
    }
}
