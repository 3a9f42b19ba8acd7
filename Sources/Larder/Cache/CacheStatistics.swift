public import MemoryCache

/// What a ``TieredCache`` has done since it was made.
///
/// Each read counts once, by where its answer came from: ``memoryHits``, ``storeHits``, ``staleHits`` or
/// ``misses``. See <doc:Statistics>.
public struct CacheStatistics: Hashable, Sendable {
    /// Reads answered from memory with a fresh value or a remembered absence.
    public var memoryHits = 0
    /// Reads answered from the store with a fresh value or a remembered absence.
    public var storeHits = 0
    /// Reads answered with an expired value because loading failed or took too long.
    public var staleHits = 0
    /// Reads for which no tier had an answer, whether the loader had one or not.
    public var misses = 0
    /// Reads that waited for another caller's load instead of starting one.
    public var coalescedReads = 0
    /// Loads that were started.
    public var loads = 0
    /// Loads that were started before their entry expired, in the background; they count as loads too.
    public var refreshes = 0
    /// Loads that ended with an error.
    public var loadFailures = 0
    /// Loads that were abandoned at their deadline.
    public var abandonedLoads = 0
    /// Callers who did not wait for a load any longer, at their soft or hard timeout.
    public var callerTimeouts = 0
    /// Loads that were refused because as many ran and waited as are allowed.
    public var refusedLoads = 0
    /// Loads that ask the origin now.
    public var runningLoads = 0
    /// Loads that wait for leave to ask the origin now.
    public var queuedLoads = 0
    /// Loaded values that were not stored because the key was written or removed meanwhile, or the load abandoned.
    public var fencedLoads = 0
    /// Loaded values that were not stored because too many waited for the store; see
    /// ``CacheSystem/Configuration/maximumPendingFills``.
    public var droppedFills = 0
    /// Operations of the store that failed or took too long.
    public var storeFailures = 0
    /// Entries of the store that could not be used, by reason; see <doc:SchemaChanges>.
    public var undecodable: [String: Int] = [:]
    /// Entries of the store that were encrypted anew because their key is not the active one any more.
    public var reencrypted = 0
    /// Entries that left the memory to make room.
    public var evictions = 0
    /// Entries that left the memory because they expired.
    public var expirations = 0
    /// Entries in memory now.
    public var entries = 0
    /// The sum of their weights.
    public var weight = 0

    /// Why no tier had an answer, for each reason how often; together they are the misses.
    public var missReasons: [MissReason: Int] = [:]
    /// Entries that left the memory, or were replaced there, by cause.
    public var removals: [RemovalCause: Int] = [:]
    /// How long the oldest of the loads that are under way has been; zero if none is.
    public var oldestLoadAge = Duration.zero
    /// What the breaker of the namespace does with loads now; `nil` if there is none.
    public var breaker: CircuitBreaker.State?
    /// For how long the invalidation log that processes share may have had records that are not applied here.
    ///
    /// About a second while all is well, and `nil` if there is no such log.
    public var logLag: Duration?
    /// What is on its way to the sink, if there is a ``WriteBehindCache``.
    public var writeBehind: WriteBehindStatistics?
    /// What was loaded ahead, if there is a ``Preloader``.
    public var preloads: PreloadStatistics?

    /// Makes statistics of nothing.
    public init() {}

    /// All reads.
    public var requests: Int { memoryHits + storeHits + staleHits + misses }

    /// The share of reads that a tier answered, stale answers included, from 0 to 1; 0 before the first read.
    public var hitRatio: Double { requests == 0 ? 0 : Double(requests - misses) / Double(requests) }

    /// The share of loads that failed or were abandoned, from 0 to 1; 0 before the first load.
    public var loadErrorRatio: Double {
        loads == 0 ? 0 : min(1, Double(loadFailures + abandonedLoads) / Double(loads))
    }
}

extension CacheStatistics {
    /// What is counted, as opposed to what is now.
    private static var counts: [any WritableKeyPath<CacheStatistics, Int> & Sendable] {
        [
            \.memoryHits, \.storeHits, \.staleHits, \.misses, \.coalescedReads, \.loads, \.refreshes, \.loadFailures,
            \.abandonedLoads, \.callerTimeouts, \.refusedLoads, \.fencedLoads, \.storeFailures, \.evictions,
            \.expirations, \.reencrypted, \.droppedFills,
        ]
    }

    /// Adds the counts of another cache.
    ///
    /// Of what there can be only one, such as the state of a breaker, the worse stays.
    public static func += (left: inout CacheStatistics, right: CacheStatistics) {
        for count in counts { left[keyPath: count] += right[keyPath: count] }
        left.undecodable.merge(right.undecodable, uniquingKeysWith: +)
        left.missReasons.merge(right.missReasons, uniquingKeysWith: +)
        left.removals.merge(right.removals, uniquingKeysWith: +)
        left.runningLoads += right.runningLoads
        left.queuedLoads += right.queuedLoads
        left.entries += right.entries
        left.weight += right.weight
        left.oldestLoadAge = max(left.oldestLoadAge, right.oldestLoadAge)
        left.breaker = [left.breaker, right.breaker].compactMap { $0 }.max { $0.severity < $1.severity }
        left.logLag = [left.logLag, right.logLag].compactMap { $0 }.max()
        left.writeBehind = left.writeBehind ?? right.writeBehind
        left.preloads = left.preloads ?? right.preloads
    }

    /// What was counted since an earlier reading, and what is now of all else.
    func since(_ earlier: CacheStatistics) -> CacheStatistics {
        var difference = self
        for count in Self.counts { difference[keyPath: count] -= earlier[keyPath: count] }
        difference.undecodable = Self.difference(undecodable, earlier.undecodable)
        difference.missReasons = Self.difference(missReasons, earlier.missReasons)
        difference.removals = Self.difference(removals, earlier.removals)
        return difference
    }

    private static func difference<Name>(_ now: [Name: Int], _ earlier: [Name: Int]) -> [Name: Int] {
        now.merging(earlier, uniquingKeysWith: -).filter { $0.value != 0 }
    }
}

extension CircuitBreaker.State {
    fileprivate var severity: Int {
        switch self {
        case .closed: 0
        case .halfOpen: 1
        case .open: 2
        }
    }
}
