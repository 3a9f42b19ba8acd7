public import Larder

/// What an invalidation of the cache means at the edge.
public struct EdgeMapping: Sendable {
    /// The selectors for the keys of a namespace, in the form of the store.
    public typealias KeySelectors = @Sendable (_ namespace: String, _ keys: [StoreKey]) -> [EdgeSelector]

    private let keySelectors: KeySelectors

    /// Makes a mapping.
    ///
    /// Tags of the cache are tags of the edge. Patterns, and all of a namespace, become the tag of the namespace, which
    /// each response has to carry that was made of its entries; see ``namespaceTag(_:)``.
    ///
    /// - Parameter keySelectors: What the keys of a namespace mean, such as the URLs of the pages that show them.
    public init(keys keySelectors: @escaping KeySelectors) {
        self.keySelectors = keySelectors
    }

    /// A mapping for responses that carry a tag for each key that they were made of; see ``keyTag(_:)``.
    public static let keyTags = EdgeMapping { _, keys in keys.map { .tag(keyTag($0)) } }

    /// The tag of a namespace.
    ///
    /// - Parameter namespace: The name of the namespace.
    /// - Returns: The tag that stands for all of its entries.
    public static func namespaceTag(_ namespace: String) -> String { "ns/\(namespace)" }

    /// The tag of a key.
    ///
    /// - Parameter key: The key in the form of the store, namespace included.
    /// - Returns: The tag that stands for its entry.
    public static func keyTag(_ key: StoreKey) -> String { "key/\(key)" }

    /// What a record asks to purge.
    ///
    /// - Parameter record: The record of the invalidation log.
    /// - Returns: The purges; none for keys that mean nothing at the edge.
    public func requests(for record: InvalidationRecord) -> [PurgeRequest] {
        let selectors: [EdgeSelector] =
            switch record.target {
            case .keys(let keys): keySelectors(record.namespace, keys)
            case .tags(let tags): tags.map { .tag($0) }
            case .pattern, .everything: [.tag(Self.namespaceTag(record.namespace))]
            }
        return selectors.map { PurgeRequest($0, isSoft: record.isSoft) }
    }
}
