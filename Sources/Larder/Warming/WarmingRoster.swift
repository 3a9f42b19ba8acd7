import Foundation

/// What a ``Warmer`` keeps for the next start.
public protocol WarmingRosterSaving: Sendable {
    /// Keeps it.
    ///
    /// - Throws: What kept it from being written.
    func save() throws
}

/// The keys of a cache that are worth most, kept in a file, so that a process that starts warms these first.
///
/// What a key is worth is how often it was read in the last hours times what its load takes. Reads that a process knows of,
/// and those that earlier ones have kept, count half after each hour. What a ``Warmer`` loads counts as no read.
public struct WarmingRoster<Key: DecodableCacheKey, Value: Sendable>: WarmingRosterSaving {
    private struct File: Codable {
        struct Entry: Codable {
            let key: Data
            /// How often the key was read, in the weight of the moment when the file was written.
            var reads: Double
            /// What its load takes, in seconds.
            var loadSeconds: Double

            var worth: Double { reads * max(loadSeconds, 1e-6) }
        }

        var version = 1
        var namespace: String
        var savedAt: Date
        var keys: [Entry]
    }

    private let cache: LoadingCache<Key, Value>
    let path: String
    private let limit: Int

    /// Makes a roster.
    ///
    /// - Parameters:
    ///   - cache: The cache.
    ///   - path: The file; it need not exist.
    ///   - limit: How many keys are kept at most, at least 1; no more are known than the system's
    ///     ``MonitoringRules/hotKeys``.
    public init(of cache: LoadingCache<Key, Value>, path: String, limit: Int = 1_000) {
        self.cache = cache
        self.path = path
        self.limit = max(1, limit)
    }

    /// A task that warms the keys that were kept.
    ///
    /// - Parameter rules: How they are warmed.
    /// - Returns: The task, which runs once.
    public func task(rules: WarmingRules = WarmingRules()) -> WarmingTask {
        WarmingTask("roster of \(cache.cache.namespace.name)", of: cache, rules: rules) { keys() }
    }

    /// The keys that were kept, those first that are worth most; none if there is no file, or one that cannot be read.
    public func keys() -> [Key] { ranked(kept()).compactMap { Key.decode(ArraySlice($0.key)) } }

    /// Writes the keys that are worth most now, and of those that were kept before as many as there is room for.
    ///
    /// - Throws: What kept the file from being written; the old one stays then.
    public func save() throws {
        var entries: [Data: File.Entry] = [:]
        for entry in kept() { entries[entry.key] = entry }
        let typical = cache.cache.counters.typicalLoad
        for (key, reads, loadCost) in cache.cache.observer?.costs ?? [] {
            guard let bytes = try? cache.cache.storeKey(key).bytes.dropFirst(cache.cache.keyPrefix.count) else {
                continue
            }
            let known = entries[Data(bytes)]
            entries[Data(bytes)] = File.Entry(
                key: Data(bytes),
                reads: max(known?.reads ?? 0, Double(reads)),
                loadSeconds: loadCost.map { $0 / .seconds(1) } ?? known?.loadSeconds ?? typical / .seconds(1)
            )
        }
        let file = File(
            namespace: cache.cache.namespace.name,
            savedAt: cache.cache.clock.wallTime(),
            keys: Array(ranked(entries.values.filter { $0.reads >= 0.5 }).prefix(limit))
        )
        try JSONEncoder().encode(file).write(to: URL(filePath: path), options: .atomic)
    }

    private func ranked(_ entries: some Sequence<File.Entry>) -> [File.Entry] {
        entries.sorted { $0.worth == $1.worth ? $0.key.lexicographicallyPrecedes($1.key) : $0.worth > $1.worth }
    }

    /// What the file has, with reads that count as much as they do now.
    private func kept() -> [File.Entry] {
        guard let data = try? Data(contentsOf: URL(filePath: path)),
            let file = try? JSONDecoder().decode(File.self, from: data), file.version == 1,
            file.namespace == cache.cache.namespace.name
        else { return [] }
        let hours = max(0, cache.cache.clock.wallTime().timeIntervalSince(file.savedAt)) / 3_600
        return file.keys.map { entry in
            var entry = entry
            entry.reads *= pow(0.5, hours)
            return entry
        }
    }
}
