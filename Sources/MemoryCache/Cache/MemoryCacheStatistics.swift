/// What a ``MemoryCache`` has done since it was made, and what it holds.
public struct MemoryCacheStatistics: Hashable, Sendable {
    /// Reads that found a live entry.
    public var hits = 0
    /// Reads that found none.
    public var misses = 0
    /// Values stored, replacements included.
    public var insertions = 0
    /// Entries that left to make room.
    public var evictions = 0
    /// Entries that left because their time to live had ended.
    public var expirations = 0
    /// Entries held now; some of them may have expired without having been noticed yet.
    public var entries = 0
    /// The sum of the weights of the entries held now.
    public var weight = 0

    /// Makes statistics of nothing.
    public init() {}

    /// The share of reads that were hits, from 0 to 1; 0 before the first read.
    public var hitRatio: Double {
        hits + misses == 0 ? 0 : Double(hits) / Double(hits + misses)
    }
}
