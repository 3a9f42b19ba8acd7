public import Larder
import MemoryCache

/// A store in memory: the reference of what a store does, and a quick stand-in for one in tests.
///
/// It is bounded by nothing and scans all of its entries to list keys, so that it is of no use outside of tests.
public final class DictionaryStore: RemoteStore {
    private struct Entry {
        let bytes: [UInt8]
        let end: Duration
    }

    private struct State {
        var entries: [StoreKey: Entry] = [:]
        var isShutDown = false
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
        return state.withLock { $0.entries.values.count { $0.end > now } }
    }

    /// Always `true`: nothing in here waits.
    public var boundsItsLatency: Bool { true }

    /// Looks the keys up.
    public func values(forKeys keys: [StoreKey]) async throws -> [StoredValue?] {
        try withEntries { entries, now in
            keys.map { key in
                guard let entry = entries[key], entry.end > now else { return nil }
                return StoredValue(bytes: entry.bytes, remainingLife: entry.end - now)
            }
        }
    }

    /// Writes all entries, or none if a time to live is not more than zero.
    public func setValues(_ writes: [StoreWrite]) async throws {
        try withEntries { entries, now in
            for write in writes where write.timeToLive <= .zero {
                throw Refusal(message: "The time to live of '\(write.key)' is not more than zero. Remove the key.")
            }
            for write in writes {
                entries[write.key] = Entry(bytes: write.bytes, end: now + write.timeToLive)
            }
        }
    }

    /// Removes the keys.
    @discardableResult
    public func removeValues(forKeys keys: [StoreKey]) async throws -> Int {
        try withEntries { entries, now in
            var live = 0
            for key in keys {
                guard let entry = entries.removeValue(forKey: key), entry.end > now else { continue }
                live += 1
            }
            return live
        }
    }

    /// Sorts all keys to list some.
    public func keys(withPrefix prefix: StoreKey, after key: StoreKey?, limit: Int) async throws -> [StoreKey] {
        try withEntries { entries, now in
            let matches = entries.filter { candidate, entry in
                guard entry.end > now, candidate.hasPrefix(prefix) else { return false }
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

    private func withEntries<Output: Sendable>(
        _ body: (inout [StoreKey: Entry], _ now: Duration) throws -> Output
    ) throws -> Output {
        let now = now()
        return try state.withLock { state in
            guard !state.isShutDown else {
                throw Refusal(message: "The store was shut down. Make a new one.")
            }
            return try body(&state.entries, now)
        }
    }
}
