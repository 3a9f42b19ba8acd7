import MemoryCache

/// What lets one node of a fleet at a time load for a warming task.
///
/// The others wait, and find in the store what the first has loaded. The lease has an end, in case its holder is gone; so
/// the holder gives it back in time, and asks anew.
final class WarmingLease: Sendable {
    private struct State {
        var lease: LoadLease?
        var renewal = UInt64(0)
    }

    private static let life = Duration.seconds(60)

    private let provider: any LeaseProvider
    private let key: StoreKey
    private let clock: CacheClock
    private let state = Locked(State())

    init(_ provider: any LeaseProvider, task: String, keyPrefix: String, clock: CacheClock) {
        self.provider = provider
        self.clock = clock
        key = StoreKey(bytes: Array("\(keyPrefix):warming:\(task)".utf8))
    }

    /// Waits until this node has the lease.
    ///
    /// Without an answer of the provider the node goes on without: leases save loads, and nothing depends on them.
    ///
    /// - Parameter begin: Called when another node may have had the lease until now, before anybody here has it.
    /// - Throws: `CancellationError` if the task is cancelled.
    func hold(_ begin: () -> Void) async throws {
        while !isHeld() {
            try Task.checkCancellation()
            await giveBackIfDue()
            do {
                guard let lease = try await provider.acquire(key, for: Self.life) else {
                    if isHeld() { return }
                    await provider.waitForRelease(of: key, atMost: .seconds(1))
                    continue
                }
                begin()
                let renewal = Deadline.after(Self.life / 2, from: clock.now)
                state.withLock { $0 = State(lease: lease, renewal: renewal) }
            } catch {
                return
            }
        }
    }

    func giveBack() async {
        let lease = state.withLock { state in
            defer { state.lease = nil }
            return state.lease
        }
        if let lease { await provider.release(lease) }
    }

    private func giveBackIfDue() async {
        let now = clock.now
        let lease = state.withLock { state -> LoadLease? in
            guard state.renewal <= now, let lease = state.lease else { return nil }
            state.lease = nil
            return lease
        }
        if let lease { await provider.release(lease) }
    }

    private func isHeld() -> Bool {
        let now = clock.now
        return state.withLock { $0.lease != nil && $0.renewal > now }
    }
}
