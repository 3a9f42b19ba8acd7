/// The parts of the protocol that keep old values out, each of which a test can switch off to see what it is good for.
package struct Fences: OptionSet, Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// What was touched while it was loaded does not enter memory.
    package static let memoryFills = Fences(rawValue: 1 << 0)
    /// What was loaded enters the store only over the version that was seen before.
    package static let storeFills = Fences(rawValue: 1 << 1)
    /// An invalidation leaves a tombstone in the store.
    package static let tombstones = Fences(rawValue: 1 << 2)
    /// What took longer to load than a tombstone stands does not enter the store.
    package static let loadDeadline = Fences(rawValue: 1 << 3)
    /// Entries are compared with lazy records.
    package static let lazyChecks = Fences(rawValue: 1 << 4)
    /// Who comes after an invalidation does not join a load from before it.
    package static let freshLoads = Fences(rawValue: 1 << 5)
    /// A gap in the log makes the entries before it invalid.
    package static let gaps = Fences(rawValue: 1 << 6)
    /// A node that hears nothing from the log serves what it has as stale.
    package static let silence = Fences(rawValue: 1 << 7)
    /// Entries of the store are compared with records of their keys.
    package static let keyChecks = Fences(rawValue: 1 << 8)

    /// All of them, one by one, with their names.
    package static let all: [(name: String, fence: Fences)] = [
        ("memoryFills", .memoryFills), ("storeFills", .storeFills), ("tombstones", .tombstones),
        ("loadDeadline", .loadDeadline), ("lazyChecks", .lazyChecks), ("freshLoads", .freshLoads), ("gaps", .gaps),
        ("silence", .silence), ("keyChecks", .keyChecks),
    ]

    /// The protocol as it is.
    package static let complete = Fences(all.map(\.fence))
}
