import Larder
import LarderTesting
import MemoryCache
import Testing

/// An origin whose loads a test can hold, and that says how many of them are at work.
final class HeldOrigin: Sendable {
    private struct State {
        var door: Latch?
        var heedsCancellation = true
        var loads = 0
        var running = 0
        var mostRunning = 0
        var keys: [Int] = []
    }

    let origin: Origin
    private let state = Locked(State())

    init(_ values: [Int: String] = [:]) {
        origin = Origin(values)
    }

    /// How many loads have begun.
    var loads: Int { state.withLock { $0.loads } }

    /// How many are at work.
    var running: Int { state.withLock { $0.running } }

    /// How many were at work at the same time.
    var mostRunning: Int { state.withLock { $0.mostRunning } }

    /// The keys that were loaded, in the order in which their loads began.
    var keys: [Int] { state.withLock { $0.keys } }

    /// Holds the loads that begin from now on.
    func hold(heedsCancellation: Bool = true) {
        state.withLock { state in
            state.door = Latch()
            state.heedsCancellation = heedsCancellation
        }
    }

    /// Lets the loads go on that are held, and holds no more.
    func release() {
        let door = state.withLock { state in
            defer { state.door = nil }
            return state.door
        }
        door?.open()
    }

    /// Waits until a number of loads have begun.
    func waitForLoads(_ count: Int) async {
        await until { loads >= count }
    }

    func load(_ key: Int) async throws -> String? {
        let (door, heedsCancellation) = state.withLock { state in
            state.loads += 1
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
            state.keys.append(key)
            return (state.door, state.heedsCancellation)
        }
        defer { state.withLock { $0.running -= 1 } }
        if heedsCancellation { try await door?.wait() } else { await door?.waitUncancellably() }
        return try origin.load(key)
    }
}
