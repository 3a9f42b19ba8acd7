import HTTPCaching
import HTTPStoring
public import LarderEdge
import MemoryCache

/// The stored responses of an application, which its response-cache middleware shares.
///
/// It is a shared HTTP cache by RFC 9111, bounded in bytes. Purges cost the same whatever they touch, and a response that is
/// being made while a purge comes is not stored.
public final class ResponseCache: Sendable {
    /// The settings.
    public let configuration: ResponseCacheConfiguration
    let rules: SharedCache
    let store: ResponseStore
    let flights = FlightBoard()
    let clock: ResponseClock

    /// Makes an empty cache.
    ///
    /// - Parameter configuration: The settings.
    /// - Throws: An error of `MemoryCache` if the capacity is not positive.
    public convenience init(_ configuration: ResponseCacheConfiguration = ResponseCacheConfiguration()) throws {
        try self.init(configuration, clock: .system)
    }

    package init(_ configuration: ResponseCacheConfiguration, clock: ResponseClock) throws {
        self.configuration = configuration
        self.clock = clock
        rules = SharedCache(configuration.rules)
        store = try ResponseStore(capacity: configuration.capacity, grace: configuration.validatorGrace)
    }

    /// Purges all responses that carry one of some tags.
    ///
    /// - Parameters:
    ///   - tags: The tags.
    ///   - isSoft: Whether they are marked stale instead: they may still be served while they are made anew, or while that
    ///     fails, if their policy allows it.
    /// - Complexity: O(tags), whatever they touch.
    public func purge(tagged tags: some Sequence<String>, isSoft: Bool = false) {
        store.purge(tags.map { ResponseStore.tag($0) }, isSoft: isSoft)
    }

    /// Purges the responses of a URL, all variants of them.
    ///
    /// - Parameters:
    ///   - url: The URL with scheme and host, as clients ask for it.
    ///   - isSoft: Whether they are marked stale instead.
    public func purge(url: String, isSoft: Bool = false) {
        guard let key = ResourceKey(scheme: "http", authority: "", path: "/").resolving(url) else { return }
        store.purge([ResponseStore.url(key)], isSoft: isSoft)
    }

    /// Purges everything.
    public func purgeAll() { store.purgeAll() }

    /// Does what a purge asks for; one that is wider than a tag or a URL purges everything.
    ///
    /// - Parameter request: What to purge.
    public func purge(_ request: PurgeRequest) {
        switch request.selector {
        case .tag(let tag): purge(tagged: [tag], isSoft: request.isSoft)
        case .url(let url): purge(url: url, isSoft: request.isSoft)
        case .prefix, .host, .everything: purgeAll()
        }
    }
}
