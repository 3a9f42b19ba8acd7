/// Gathers invalidations while a transaction of the origin is open, and gives them out when it has ended.
///
/// What is invalidated before the commit would be loaded again from what was there before the transaction. So the
/// invalidations wait, and are dropped when the transaction is rolled back.
///
/// ```swift
/// var collector = InvalidationCollector()
/// collector.collect(InvalidationRecord(.tags(["author:7"]), in: "notes"))
/// try await log.append(collector.take())
/// ```
///
/// The same is gathered once. The collector is bounded: a namespace with more than ``limit`` invalidations is
/// invalidated as a whole.
public struct InvalidationCollector: Hashable, Sendable {
    /// How many keys, tags and patterns of a namespace are gathered, each hard or soft.
    public let limit: Int

    private var parts: [Part: Gathered] = [:]
    private var order: [Part] = []

    private struct Part: Hashable {
        let namespace: String
        let isSoft: Bool
    }

    private struct Gathered: Hashable {
        var keys: Set<StoreKey> = []
        var tags: Set<String> = []
        var patterns: Set<KeyPattern> = []
        var isEverything = false

        var count: Int { keys.count + tags.count + patterns.count }
    }

    /// Makes an empty collector.
    ///
    /// - Parameter limit: How many keys, tags and patterns of a namespace are gathered, at least 1.
    public init(limit: Int = 10_000) {
        self.limit = max(limit, 1)
    }

    /// Whether nothing was gathered.
    public var isEmpty: Bool { parts.isEmpty }

    /// Gathers an invalidation.
    ///
    /// - Parameter record: What to invalidate after the commit.
    public mutating func collect(_ record: InvalidationRecord) {
        let part = Part(namespace: record.namespace, isSoft: record.isSoft)
        if parts[part] == nil { order.append(part) }
        var gathered = parts[part] ?? Gathered()
        if !gathered.isEverything {
            switch record.target {
            case .keys(let keys): gathered.keys.formUnion(keys)
            case .tags(let tags): gathered.tags.formUnion(tags)
            case .pattern(let pattern): gathered.patterns.insert(pattern)
            case .everything: gathered.isEverything = true
            }
            if gathered.isEverything || gathered.count > limit {
                gathered = Gathered()
                gathered.isEverything = true
            }
        }
        parts[part] = gathered
    }

    /// Takes out what was gathered, after the commit.
    ///
    /// - Returns: The records to append, as few as will do.
    public mutating func take() -> [InvalidationRecord] {
        defer { drop() }
        return order.flatMap(records)
    }

    /// Forgets what was gathered, after a rollback.
    public mutating func drop() {
        parts = [:]
        order = []
    }

    private func records(of part: Part) -> [InvalidationRecord] {
        guard let gathered = parts[part] else { return [] }
        func record(_ target: InvalidationRecord.Target) -> InvalidationRecord {
            InvalidationRecord(target, in: part.namespace, isSoft: part.isSoft)
        }
        if gathered.isEverything { return [record(.everything)] }
        let keys = InvalidationRecord.records(
            forKeys: gathered.keys.sorted(),
            in: part.namespace,
            isSoft: part.isSoft
        )
        let tags = gathered.tags.sorted().chunked(by: 500).map { record(.tags($0)) }
        let patterns = gathered.patterns.sorted { $0.text < $1.text }.map { record(.pattern($0)) }
        return keys + tags + patterns
    }
}

extension Array {
    fileprivate func chunked(by count: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
    }
}
