import LarderTesting
import MemoryCache

@testable import Larder

/// When an origin was asked, and for what.
final class WarmingOrigin: Sendable {
    struct Down: Error {}

    private struct State {
        var starts: [Duration] = []
        var keys: [Int] = []
    }

    private let clock: ManualClock
    private let takes: Duration
    private let fails: @Sendable (Int) -> Bool
    private let state = Locked(State())

    init(_ clock: ManualClock, takes: Duration = .zero, fails: @escaping @Sendable (Int) -> Bool = { _ in false }) {
        self.clock = clock
        self.takes = takes
        self.fails = fails
    }

    var starts: [Duration] { state.withLock { $0.starts } }
    var keys: [Int] { state.withLock { $0.keys } }

    func load(_ key: Int) async throws -> String {
        let number = state.withLock { state in
            state.starts.append(clock.now.offset)
            state.keys.append(key)
            return state.starts.count
        }
        if takes > .zero { try await clock.sleep(until: clock.now.advanced(by: takes)) }
        if fails(number) { throw Down() }
        return "\(key)"
    }

    /// The most calls that started in any second.
    var mostInASecond: Int {
        var (most, first) = (0, 0)
        let starts = starts
        for (index, start) in starts.enumerated() {
            while start - starts[first] >= .seconds(1) { first += 1 }
            most = max(most, index - first + 1)
        }
        return most
    }
}

/// Caches to warm, on a clock that is moved.
struct WarmingBench {
    let clock = ManualClock()

    func cache(_ origin: WarmingOrigin, _ store: (any RemoteStore)? = nil) throws -> (
        CacheSystem, LoadingCache<Int, String>
    ) {
        let system = try CacheSystem(store: store, clock: clock)
        // However late a task is on a busy machine, while time passes as fast as it can, no load is abandoned.
        let policy = exact(timeToLive: .seconds(864_000), loadDeadline: CachePolicy.maximumDuration)
        let cache = try system.cache(CacheNamespace<Int, String>("values", policy: policy)) {
            try await origin.load($0)
        }
        return (system, cache)
    }

    /// Runs a warmer, and lets time pass until a condition holds.
    func run(_ warmer: Warmer, until condition: () -> Bool) async {
        let run = Task { try await warmer.run() }
        await clock.pass(until: condition)
        run.cancel()
        _ = await run.result
    }

    /// Runs a warmer until its tasks have run.
    func run(_ warmer: Warmer, tasks: Int = 1) async {
        await run(warmer) { warmer.statistics.values.count { $0.newest.isFinished } == tasks }
    }
}
