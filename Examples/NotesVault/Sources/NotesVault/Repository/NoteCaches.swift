import Larder
import MemoryCache

/// The caches of the vault, one for each kind of answer.
///
/// Notes are kept for an hour, searches for half an hour, and that a note does not exist for a minute. These
/// times only bound what is kept: an edit is seen at once, because it writes the note through the cache and removes
/// what else it touched.
struct NoteCaches: Sendable {
    let notes: TieredCache<NoteID, Note>
    let backlinks: TieredCache<NoteID, [NoteReference]>
    let views: TieredCache<NoteID, NoteView>
    let searches: TieredCache<SearchKey, [SearchHit]>

    /// May be a minute old; nobody counts links while reading.
    let popular: TieredCache<String, [NoteReference]>

    /// Opens the caches of a system.
    init(_ system: CacheSystem) throws {
        let hour = CachePolicy(timeToLive: .seconds(3_600), negativeTimeToLive: .seconds(60))
        let halfHour = CachePolicy(timeToLive: .seconds(1_800))
        let minute = CachePolicy(timeToLive: .seconds(60))
        notes = try system.cache(CacheNamespace("notes", policy: hour, memory: .entries(2_000)))
        backlinks = try system.cache(CacheNamespace("backlinks", policy: hour, memory: .entries(2_000)))
        views = try system.cache(CacheNamespace("views", policy: hour, memory: .entries(1_000)))
        searches = try system.cache(CacheNamespace("searches", policy: halfHour, memory: .entries(1_000)))
        popular = try system.cache(CacheNamespace("popular", policy: minute, memory: .entries(1)))
    }

    /// Removes everything that a change touched, in all tiers, but for a note that was written through.
    func remove(_ change: VaultChange, keeping written: NoteID? = nil) async throws {
        switch change.scope {
        case .everything:
            try await notes.removeAll()
            try await backlinks.removeAll()
            try await views.removeAll()
            try await searches.removeAll()
            try await popular.removeAll()
        case .notes(let changed, let neighbors):
            // Views last: they are made of the others.
            let shown = Array(changed.union(neighbors))
            try await notes.removeValues(forKeys: changed.filter { $0 != written })
            try await backlinks.removeValues(forKeys: shown)
            try await views.removeValues(forKeys: shown)
        }
    }

    /// The statistics of each cache, by its name.
    var statistics: [(name: String, statistics: CacheStatistics)] {
        [
            ("notes", notes.statistics), ("views", views.statistics), ("backlinks", backlinks.statistics),
            ("searches", searches.statistics), ("popular", popular.statistics),
        ]
    }

    /// How many queries of the origin the hits so far have saved: what their loads would have cost.
    var savedQueries: Int {
        func hits(_ statistics: CacheStatistics) -> Int { statistics.requests - statistics.misses }
        return hits(notes.statistics) + hits(backlinks.statistics) + hits(searches.statistics)
            + hits(popular.statistics) + 3 * hits(views.statistics)
    }
}

extension NoteID: DecodableCacheKey {}

/// What a search is cached under.
struct SearchKey: CacheKey {
    var query: SearchQuery
    var limit: Int

    /// Moves on with every edit that may touch the result; see ``SearchVersions``.
    var version: Int64

    func encode(into encoder: inout CacheKeyEncoder) {
        encoder.append(version)
        encoder.append(limit)
        for word in query.words { encoder.append(word) }
    }
}
