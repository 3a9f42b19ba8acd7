public import Larder
import MemoryCache

/// A store in memory: the reference of what a store does, and a quick stand-in for one in tests.
///
/// It is bounded by nothing and scans all of its entries to list keys, so that it is of no use outside of tests.
public final class DictionaryStore: RemoteStore {
    /// An entry, or a tombstone.
    private struct Entry {
        /// The bytes of the entry, or `nil` for a tombstone.
        let bytes: [UInt8]?
        let end: Duration
        let version: StoreVersion
    }

    private struct State {
        var entries: [StoreKey: Entry] = [:]
        var newestVersion: UInt64 = 0
        var isShutDown = false

        func entry(forKey key: StoreKey, at now: Duration) -> Entry? {
            guard let entry = entries[key], entry.end > now else { return nil }
            return entry
        }

        mutating func put(_ bytes: [UInt8]?, forKey key: StoreKey, until end: Duration) {
            newestVersion += 1
            entries[key] = Entry(bytes: bytes, end: end, version: StoreVersion(bitPattern: newestVersion))
        }
    }

    /// What a store in memory refuses.
    public struct Refusal: Error, Hashable {
        /// What was wrong, and what to do about it.
        public let message: String
    }

    private let state = Locked(State())
    private let now: @Sendable () -> Duration

    /// Makes an empty store that takes its time from a closure.
    ///
    /// - Parameter now: The time since some fixed moment.
    public init(now: @escaping @Sendable () -> Duration) {
        self.now = now
    }

    /// Makes an empty store that takes its time from a clock.
    ///
    /// - Parameter clock: The clock that entries expire by.
    public convenience init<Time: Clock>(clock: Time = ContinuousClock()) where Time.Duration == Duration {
        let start = clock.now
        self.init { start.duration(to: clock.now) }
    }

    /// How many live entries there are.
    public var count: Int {
        let now = now()
        return state.withLock { $0.entries.values.count { $0.end > now && $0.bytes != nil } }
    }

    /// Always `true`: nothing in here waits.
    public var boundsItsLatency: Bool { true }

    /// Looks the keys up.
    public func slots(forKeys keys: [StoreKey]) async throws -> [StoreSlot] {
        try withState { state, now in
            keys.map { key in
                guard let entry = state.entry(forKey: key, at: now) else { return .vacant }
                let value = entry.bytes.map { StoredValue(bytes: $0, remainingLife: entry.end - now) }
                return StoreSlot(value: value, version: entry.version)
            }
        }
    }

    /// Writes all entries, or none if a time to live is not more than zero.
    public func setValues(_ writes: [StoreWrite]) async throws {
        try withState { state, now in
            for write in writes { try Self.validate(write) }
            for write in writes { state.put(write.bytes, forKey: write.key, until: now + write.timeToLive) }
        }
    }

    /// Compares and writes one after the other, under one lock.
    public func fill(_ fills: [StoreFill]) async throws -> [Bool] {
        try withState { state, now in
            for fill in fills { try Self.validate(fill.write) }
            return fills.map { fill in
                let write = fill.write
                let held = state.entry(forKey: write.key, at: now)
                guard held == nil || held?.version == fill.version else { return false }
                state.put(write.bytes, forKey: write.key, until: now + write.timeToLive)
                return true
            }
        }
    }

    /// Writes a tombstone for each key.
    public func bury(_ keys: [StoreKey], for life: Duration) async throws {
        try withState { state, now in
            guard life > .zero else {
                throw Refusal(message: "The life of a tombstone is \(life). Let it outlive the longest load.")
            }
            for key in keys { state.put(nil, forKey: key, until: now + life) }
        }
    }

    /// Removes the entries of the keys, and leaves their tombstones.
    @discardableResult
    public func removeValues(forKeys keys: [StoreKey]) async throws -> Int {
        try withState { state, now in
            var live = 0
            for key in keys where state.entries[key]?.bytes != nil {
                guard let entry = state.entries.removeValue(forKey: key), entry.end > now else { continue }
                live += 1
            }
            return live
        }
    }

    /// Compares and removes one after the other, under one lock.
    @discardableResult
    public func remove(_ removals: [StoreRemoval]) async throws -> Int {
        try withState { state, now in
            var live = 0
            for removal in removals {
                guard let entry = state.entry(forKey: removal.key, at: now), entry.bytes != nil,
                    entry.version == removal.version
                else { continue }
                state.entries[removal.key] = nil
                live += 1
            }
            return live
        }
    }

    /// Sorts all keys to list some.
    public func keys(withPrefix prefix: StoreKey, after key: StoreKey?, limit: Int) async throws -> [StoreKey] {
        try withState { state, now in
            let matches = state.entries.filter { candidate, entry in
                guard entry.end > now, entry.bytes != nil, candidate.hasPrefix(prefix) else { return false }
                return key.map { candidate > $0 } ?? true
            }
            return Array(matches.keys.sorted().prefix(max(limit, 0)))
        }
    }

    /// Forgets everything.
    public func shutdown() async {
        state.withLock { state in
            state.entries = [:]
            state.isShutDown = true
        }
    }

    private static func validate(_ write: StoreWrite) throws {
        guard write.timeToLive > .zero else {
            throw Refusal(message: "The time to live of '\(write.key)' is not more than zero. Remove the key.")
        }
    }

    private func withState<Output: Sendable>(
        _ body: (inout State, _ now: Duration) throws -> Output
    ) throws -> Output {
        let now = now()
        return try state.withLock { state in
            guard !state.isShutDown else {
                throw Refusal(message: "The store was shut down. Make a new one.")
            }
            return try body(&state, now)
        }
    }
}
