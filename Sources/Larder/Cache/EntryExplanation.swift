public import struct Foundation.Date

/// What the tiers hold under one key, and why it would be served or not.
public struct EntryExplanation: Sendable, CustomStringConvertible {
    /// What one tier holds.
    public struct Copy: Sendable {
        /// Whether the origin had no value.
        public var isAbsent: Bool
        /// How long ago it was loaded or written.
        public var age: Duration
        /// How long it is still fresh; zero or less if it has expired.
        public var remainingLife: Duration
        /// How long it may still stand in as a stale copy, from now on; zero if it may not.
        public var remainingGrace: Duration
        /// The tags of the entry, those aside by which it is known to be derived from others.
        public var tags: Set<String>
        /// How many tags say what the entry was derived from.
        public var dependencies: Int
        /// What names the version of the value at the origin.
        public var entityTag: String?
        /// When the value was last changed at the origin.
        public var lastModified: Date?
        /// Where in the invalidation log its load began, if processes share one.
        public var position: LogPosition?
        /// The version of what the store holds.
        public var version: StoreVersion?
        /// How many bytes the store holds.
        public var size: Int?
        /// Why it would not be served as fresh; `nil` if it would.
        public var refusal: String?
    }

    /// The key in the form of the store.
    public let key: StoreKey

    /// What memory holds.
    public let memory: Copy?

    /// What the store holds.
    public let store: Copy?

    /// Why nothing is known of the store, or what it holds cannot be used.
    public let storeProblem: String?

    /// How many callers wait for a load or a write of the key that is under way; `nil` if none is.
    public let waiting: Int?

    /// All of it as lines of text.
    public var description: String {
        var lines = ["key: \(key)"]
        lines += ["memory: \(memory.map(Self.text) ?? "nothing")"]
        lines += ["store: \(store.map(Self.text) ?? storeProblem ?? "nothing")"]
        if let waiting { lines += ["under way: a load or a write, for which \(waiting) callers wait"] }
        return lines.joined(separator: "\n")
    }

    private static func text(_ copy: Copy) -> String {
        var parts = [
            copy.isAbsent ? "absent" : "a value",
            copy.refusal.map { "not served as fresh: \($0)" } ?? "fresh for \(copy.remainingLife)",
            "age \(copy.age)",
        ]
        if copy.remainingGrace > .zero { parts.append("may stand in for \(copy.remainingGrace)") }
        if !copy.tags.isEmpty { parts.append("tags \(copy.tags.sorted().joined(separator: ", "))") }
        if copy.dependencies > 0 { parts.append("derived from others by \(copy.dependencies) tags") }
        if let entityTag = copy.entityTag { parts.append("entity tag \(entityTag)") }
        if let position = copy.position { parts.append("position \(position)") }
        if let version = copy.version { parts.append("version \(version)") }
        if let size = copy.size { parts.append("\(size) bytes") }
        return parts.joined(separator: "; ")
    }
}
