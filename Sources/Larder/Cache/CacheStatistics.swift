/// What a ``TieredCache`` has done since it was made.
///
/// Each read counts once, by where its answer came from: ``memoryHits``, ``storeHits``, ``staleHits`` or
/// ``misses``.
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
    /// Operations of the store that failed or took too long.
    public var storeFailures = 0
    /// Entries of the store that could not be used, by reason; see <doc:SchemaChanges>.
    public var undecodable: [String: Int] = [:]
    /// Entries that left the memory to make room.
    public var evictions = 0
    /// Entries that left the memory because they expired.
    public var expirations = 0
    /// Entries in memory now.
    public var entries = 0
    /// The sum of their weights.
    public var weight = 0

    /// Makes statistics of nothing.
    public init() {}

    /// All reads.
    public var requests: Int { memoryHits + storeHits + staleHits + misses }

    /// The share of reads that a tier answered, stale answers included, from 0 to 1; 0 before the first read.
    public var hitRatio: Double { requests == 0 ? 0 : Double(requests - misses) / Double(requests) }

    /// Adds the counts of another cache.
    public static func += (left: inout CacheStatistics, right: CacheStatistics) {
        left.memoryHits += right.memoryHits
        left.storeHits += right.storeHits
        left.staleHits += right.staleHits
        left.misses += right.misses
        left.coalescedReads += right.coalescedReads
        left.loads += right.loads
        left.refreshes += right.refreshes
        left.loadFailures += right.loadFailures
        left.abandonedLoads += right.abandonedLoads
        left.callerTimeouts += right.callerTimeouts
        left.refusedLoads += right.refusedLoads
        left.runningLoads += right.runningLoads
        left.queuedLoads += right.queuedLoads
        left.fencedLoads += right.fencedLoads
        left.storeFailures += right.storeFailures
        left.undecodable.merge(right.undecodable, uniquingKeysWith: +)
        left.evictions += right.evictions
        left.expirations += right.expirations
        left.entries += right.entries
        left.weight += right.weight
    }
}
