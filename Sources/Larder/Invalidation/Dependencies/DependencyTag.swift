/// The tags by which an entry is known to be derived from entries of other namespaces.
///
/// A derived entry carries a tag for each of its sources, those of its sources' sources included, so that no edge has to
/// be followed when one of them is invalidated, in whatever process. What is invalidated in a namespace touches such
/// tags in the namespaces that are derived from it. They begin with a character that no tag of a user has.
struct DependencyTag: Hashable, Sendable {
    private static let mark: Character = "\u{1F}"

    let text: String

    /// For the source with a key.
    static func key(_ key: StoreKey, in namespace: String) -> DependencyTag {
        DependencyTag(text: "\(mark)k\(namespace)\(mark)\(key)")
    }

    /// For all sources of a namespace with a tag.
    static func tag(_ tag: String, in namespace: String) -> DependencyTag {
        DependencyTag(text: "\(mark)t\(namespace)\(mark)\(tag)")
    }

    /// For any source of a namespace: touched by invalidations that name no key and no tag.
    static func anything(in namespace: String) -> DependencyTag {
        DependencyTag(text: "\(mark)a\(namespace)")
    }

    /// For an entry with more sources than it can carry tags for: touched by each invalidation in the namespace.
    static func change(in namespace: String) -> DependencyTag {
        DependencyTag(text: "\(mark)c\(namespace)")
    }

    /// Whether a tag is one of these.
    static func isOne(_ tag: String) -> Bool { tag.first == mark }

    /// Whether a tag may be one of a user.
    static func isAllowed(_ tag: String) -> Bool { !tag.isEmpty && !isOne(tag) }

    /// The tag that stands for any change in the namespace of a source.
    static func widened(_ tag: String) -> String {
        change(in: String(tag.dropFirst(2).prefix { $0 != mark })).text
    }
}

extension InvalidationRecord {
    /// The keys that are named, if any are.
    var keys: [StoreKey] {
        if case .keys(let keys) = target { keys } else { [] }
    }

    /// The tags that an invalidation touches where entries are derived from those of its namespace.
    var dependencyTags: [DependencyTag] {
        let named: [DependencyTag] =
            switch target {
            case .keys(let keys): keys.map { .key($0, in: namespace) }
            case .tags(let tags): tags.map { .tag($0, in: namespace) }
            case .pattern, .everything: [.anything(in: namespace)]
            }
        return named + [.change(in: namespace)]
    }
}

extension TieredCache {
    /// What invalidations of this namespace are in those that are derived from it.
    func derivedRecords(of records: [InvalidationRecord]) -> [InvalidationRecord] {
        guard !namespace.derived.isEmpty else { return [] }
        return records.flatMap { record in
            // An entry that was derived from this namespace may carry tags of it; see `depend`.
            let tags = record.dependencyTags.map(\.text)
            return namespace.derived.sorted()
                .map { InvalidationRecord(.tags(tags), in: $0, isSoft: record.isSoft) }
        }
    }

    /// The tags of what is derived from an entry of this cache.
    func dependencyTags(ofDerivedFrom key: Key) throws(CacheError) -> Set<String> {
        let storeKey = try storeKey(key)
        var tags: Set<String> = [
            DependencyTag.key(storeKey, in: namespace.name).text, DependencyTag.anything(in: namespace.name).text,
        ]
        guard let source = memory.peek(forKey: key)?.value else {
            // What the source is derived from is not known here.
            tags.insert(DependencyTag.change(in: namespace.name).text)
            return tags
        }
        for tag in source.details?.tags ?? [] {
            tags.insert(DependencyTag.isOne(tag) ? tag : DependencyTag.tag(tag, in: namespace.name).text)
        }
        return tags
    }
}

extension LoadContext {
    /// The largest number of sources that are kept apart.
    private static var maximumSources: Int { 500 }

    /// Says that the result is derived from an entry of another cache, and from whatever that one is derived from.
    ///
    /// When the source is invalidated, by its key, a tag of its, a pattern or with all of its namespace, the result is
    /// invalidated too, on all nodes. The source's namespace names that of the result in ``CacheNamespace/derived``.
    ///
    /// Read the source first, and then say so: what it is derived from is known from its entry in memory. Without one,
    /// and past some hundred sources, the result is invalidated with any change in the namespace of the source.
    ///
    /// ```swift
    /// let note = try await notes.value(forKey: id) { id in try await vault.note(id) }
    /// try context.depend(on: notes, id)
    /// ```
    ///
    /// - Parameters:
    ///   - cache: The cache of the source.
    ///   - key: The key of the source.
    /// - Throws: ``CacheError`` for a key that is out of range.
    public mutating func depend<SourceKey: CacheKey, Source: Sendable>(
        on cache: TieredCache<SourceKey, Source>,
        _ key: SourceKey
    ) throws(CacheError) {
        let added = try cache.dependencyTags(ofDerivedFrom: key)
        tags.formUnion(added)
        if tags.count > Self.maximumSources {
            tags = Set(tags.map { DependencyTag.isOne($0) ? DependencyTag.widened($0) : $0 })
        }
    }
}
