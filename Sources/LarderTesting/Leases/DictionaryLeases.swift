public import Larder
import MemoryCache

/// Leases in memory: the reference of what a provider does, and a quick stand-in for one in tests.
public final class DictionaryLeases: LeaseProvider {
    /// What leases that were shut down answer.
    public struct Closed: Error {}

    private struct State {
        var holders: [StoreKey: (token: UInt64, end: Duration)] = [:]
        var waiters: [Int: (key: StoreKey, race: Race<Void>)] = [:]
        var nextWaiter = 0
        var acquired = 0
        var isDown = false
    }

    private let state = Locked(State())
    private let now: @Sendable () -> Duration
    private let sleepUntil: @Sendable (Duration) async throws -> Void

    /// Makes leases that nobody holds.
    ///
    /// - Parameter clock: The clock of lives and of patience.
    public init<C: Clock>(clock: C) where C.Duration == Duration {
        let start = clock.now
        now = { start.duration(to: clock.now) }
        sleepUntil = { try await clock.sleep(until: start.advanced(by: $0), tolerance: nil) }
    }

    /// How many leases were granted.
    public var acquired: Int { state.withLock { $0.acquired } }

    /// How many are held.
    public var held: Int {
        let now = now()
        return state.withLock { $0.holders.values.count { $0.end > now } }
    }

    /// How many callers wait for a release.
    public var waiting: Int { state.withLock { $0.waiters.count } }

    /// Has all further calls fail, or work again.
    public func setDown(_ isDown: Bool) {
        state.withLock { $0.isDown = isDown }
    }

    /// Grants the lease if nobody holds it.
    public func acquire(_ key: StoreKey, for life: Duration) async throws -> LoadLease? {
        let now = now()
        return try state.withLock { state in
            guard !state.isDown else { throw Closed() }
            if let holder = state.holders[key], holder.end > now { return nil }
            let lease = LoadLease(key: key)
            state.holders[key] = (lease.token, now + life)
            state.acquired += 1
            return lease
        }
    }

    /// Frees the key if the lease is the one that is held.
    public func release(_ lease: LoadLease) async {
        let races = state.withLock { state -> [Race<Void>] in
            guard state.holders[lease.key]?.token == lease.token else { return [] }
            state.holders[lease.key] = nil
            return state.waiters.values.filter { $0.key == lease.key }.map(\.race)
        }
        for race in races { race.end(.success(())) }
    }

    /// Waits for a release, or until the clock has moved on.
    public func waitForRelease(of key: StoreKey, atMost patience: Duration) async {
        let race = Race<Void>()
        let now = now()
        let number = state.withLock { state -> Int? in
            guard let holder = state.holders[key], holder.end > now else { return nil }
            state.nextWaiter += 1
            state.waiters[state.nextWaiter] = (key, race)
            return state.nextWaiter
        }
        guard let number else { return }
        await race.wait { [sleepUntil] in try await sleepUntil(now + patience) }
        state.withLock { $0.waiters[number] = nil }
    }

    /// Has all further calls fail, and wakes who waits.
    public func shutdown() async {
        let races = state.withLock { state in
            state.isDown = true
            return state.waiters.values.map(\.race)
        }
        for race in races { race.end(.success(())) }
    }
}
