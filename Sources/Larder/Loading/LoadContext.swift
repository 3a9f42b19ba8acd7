public import struct Foundation.Date

/// What a loader is told about its load, and what it may say about its result.
///
/// ```swift
/// let page = try await pages.result(forKey: url) { url, context in
///     let answer = try await http.get(url, ifNoneMatch: context.stale?.entityTag)
///     if answer.status == 304 { return .notModified }
///     context.entityTag = answer.entityTag
///     context.policy.timeToLive = answer.maximumAge
///     return .value(answer.body)
/// }
/// ```
public struct LoadContext<Value: Sendable>: Sendable {
    /// The copy that has expired, or that a forced refresh is to replace; `nil` if no tier holds one.
    public let stale: StaleCopy<Value>?

    /// Whether nobody waits for the load, because it refreshes an entry before it expires.
    public let isRefresh: Bool

    /// The policy of the result, at first that of the call: a loader may give each result a lifetime of its own.
    public var policy: CachePolicy

    /// What names the version of the value at the origin, such as the `ETag` of HTTP; kept with the entry.
    public var entityTag: String?

    /// When the value was last changed at the origin; kept with the entry.
    public var lastModified: Date?

    /// The tags of the entry, each not empty; at first those of the policy.
    public var tags: Set<String>

    /// The weight of the entry in memory, at least 0, which counts as 1; `nil` asks the namespace's weigher.
    public var weight: Int?

    /// Where the result is stored; an empty set stores nothing, and removes what the tiers held.
    public var tiers: CacheTiers = .all

    init(stale: StaleCopy<Value>?, isRefresh: Bool, policy: CachePolicy) {
        self.stale = stale
        self.isRefresh = isRefresh
        self.policy = policy
        tags = policy.tags
        entityTag = nil
        lastModified = nil
    }
}

/// A copy of a value that is not fresh any more.
public struct StaleCopy<Value: Sendable>: Sendable {
    /// The value.
    public let value: Value

    /// How long ago it was loaded or written.
    public let age: Duration

    /// What names the version of the value at the origin, if its loader said so.
    public let entityTag: String?

    /// When the value was last changed at the origin, if its loader said so.
    public let lastModified: Date?

    /// The tags of the entry.
    public let tags: Set<String>
}

/// Some of the tiers of a cache.
public struct CacheTiers: OptionSet, Hashable, Sendable {
    /// The bits of the tiers.
    public let rawValue: UInt8

    /// Makes a set of tiers of its bits.
    ///
    /// - Parameter rawValue: The bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The memory of the process (L1).
    public static let memory = CacheTiers(rawValue: 1)
    /// The store (L2).
    public static let store = CacheTiers(rawValue: 2)
    /// All tiers.
    public static let all: CacheTiers = [.memory, .store]
}
