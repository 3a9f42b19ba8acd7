package import HTTPCaching
package import HTTPTypes
package import MemoryCache
import Synchronization

/// The stored responses of a cache.
package final class ResponseStore: Sendable {
    /// How many variants a URL may have: the oldest goes.
    private static let maximumVariants = 32

    private let cache: MemoryCache<ResourceKey, Resource>
    private let ledger = Locked(PurgeLedger())
    private let newest = Atomic<UInt64>(0)
    /// Held by whoever changes a resource, since a change reads it first.
    private let changes = Locked(())
    private let grace: Duration

    package init(capacity: Int, grace: Duration) throws(MemoryCacheError) {
        cache = try MemoryCache(capacity: .weight(capacity), weigher: { _, resource in resource.weight })
        self.grace = grace
    }

    /// The number of the newest purge, for a request that is about to be sent.
    package var number: UInt64 { newest.load(ordering: .acquiring) }

    /// What is stored, without what was purged.
    package func resource(_ key: ResourceKey, at now: HTTPMoment) -> Resource? {
        guard let resource = cache.value(forKey: key) else { return nil }
        guard resource.number < number else { return resource }
        return judged(resource, key, at: now)
    }

    /// Applies the purges that came after a resource was stored, and stores what is left, so that each is applied once.
    private func judged(_ resource: Resource, _ key: ResourceKey, at now: HTTPMoment) -> Resource? {
        changes.withLock { _ in
            guard let resource = cache.value(forKey: key) else { return nil }
            let left = ledger.withLock { ledger in
                resource.entries.compactMap { entry -> Resource.Entry? in
                    var entry = entry
                    switch ledger.verdict(on: entry.names, since: entry.number) {
                    case .gone: return nil
                    case .stale: entry.head.expire(at: now)
                    case .holds: break
                    }
                    entry.number = ledger.newest
                    return entry
                }
            }
            return put(left, key, at: now)
        }
    }

    /// Stores a response in the place of those that answer the same request, unless it was purged while it was under way.
    package func store(_ entry: Resource.Entry, for request: HTTPRequest, _ key: ResourceKey, at now: HTTPMoment) {
        changes.withLock { _ in
            var entry = entry
            let verdict = ledger.withLock { ledger in
                let verdict = ledger.verdict(on: entry.names, since: entry.number)
                entry.number = ledger.newest
                return verdict
            }
            switch verdict {
            case .gone: return
            case .stale: entry.head.expire(at: now)
            case .holds: break
            }
            var entries = cache.value(forKey: key)?.entries ?? []
            entries.removeAll { $0.head.variant.matches(request) }
            entries = entries.suffix(Self.maximumVariants - 1) + [entry]
            _ = put(entries, key, at: now)
        }
    }

    /// Removes what answers a request.
    package func remove(_ request: HTTPRequest, _ key: ResourceKey, at now: HTTPMoment) {
        changes.withLock { _ in
            guard let resource = cache.value(forKey: key) else { return }
            _ = put(resource.entries.filter { !$0.head.variant.matches(request) }, key, at: now)
        }
    }

    private func put(_ entries: [Resource.Entry], _ key: ResourceKey, at now: HTTPMoment) -> Resource? {
        guard !entries.isEmpty else {
            cache.removeValue(forKey: key)
            return nil
        }
        let resource = Resource(entries)
        let life = entries.map {
            $0.head.usefulLife(keepingValidators: grace) - (now.uptime - $0.head.receivedAt.uptime)
        }
        cache.setValue(resource, forKey: key, timeToLive: life.max())
        return resource
    }

    // MARK: Purging

    /// Purges what has one of these names: URLs, tags, and groups of an origin.
    package func purge(_ names: some Sequence<String>, isSoft: Bool = false) {
        ledger.withLock { ledger in
            ledger.purge(names, isSoft: isSoft)
            newest.store(ledger.newest, ordering: .releasing)
        }
    }

    /// Purges everything.
    package func purgeAll() {
        ledger.withLock { ledger in
            ledger.purgeAll()
            newest.store(ledger.newest, ordering: .releasing)
        }
        cache.removeAll()
    }

    /// Purges what a request has changed.
    ///
    /// - Parameters:
    ///   - invalidation: What it has changed.
    ///   - key: Its URL.
    ///   - number: The number of the last purge before it was sent.
    /// - Returns: The number that what the request brings is to be stored with: its own purge is not against it.
    package func apply(_ invalidation: ResourceInvalidation, by key: ResourceKey, sentAt number: UInt64) -> UInt64 {
        guard !invalidation.isEmpty else { return number }
        let names = invalidation.keys.map { Self.url($0) } + invalidation.groups.map { Self.group($0, of: key) }
        return ledger.withLock { ledger in
            let isUndisturbed = ledger.newest == number
            ledger.purge(names, isSoft: false)
            newest.store(ledger.newest, ordering: .releasing)
            return isUndisturbed ? ledger.newest : number
        }
    }

    /// The names of a response: its URL, its tags, and its groups.
    package static func names(of head: StoredResponse, _ key: ResourceKey) -> [String] {
        let fields = head.response.headerFields
        let tags = tagFields.flatMap { name, separators in
            fields[values: name].flatMap { $0.split { separators.contains($0) }.map { tag(String($0)) } }
        }
        return [url(key)] + tags + head.groups.map { group($0, of: key) }
    }

    /// The fields that tags come in; a space separates them where a comma may, too.
    package static let tagFields: [(HTTPField.Name, String)] = [
        ("xkey", " ,"), ("Surrogate-Key", " "), ("Cache-Tag", ", "), ("Edge-Cache-Tag", ", "),
    ]
    .compactMap { name, separators in HTTPField.Name(name).map { ($0, separators) } }

    /// The field that handlers of this process put tags in.
    package static let surrogateKey = HTTPField.Name("Surrogate-Key")

    package static func url(_ key: ResourceKey) -> String { "u " + key.url }
    package static func tag(_ tag: String) -> String { "t " + tag }
    package static func group(_ group: String, of key: ResourceKey) -> String { "g \(key.origin) \(group)" }
}
