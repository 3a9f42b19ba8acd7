import Larder
import LarderTesting
import MemoryCache
import Testing

/// A value that has a shape, so that a codec has something to do.
struct User: Codable, Hashable, Sendable {
    var id: Int
    var name: String
}

/// A policy without jitter, so that lifetimes can be told to the nanosecond, and without timeouts but the deadline of
/// loads.
func exact(
    timeToLive: Duration = .seconds(60),
    grace: Duration = .zero,
    negativeTimeToLive: Duration = .seconds(5),
    softTimeout: Duration = CachePolicy.maximumDuration,
    hardTimeout: Duration = CachePolicy.maximumDuration,
    loadDeadline: Duration = .seconds(30),
    retryPause: Duration = .zero
) -> CachePolicy {
    CachePolicy(
        timeToLive: timeToLive,
        grace: grace,
        negativeTimeToLive: negativeTimeToLive,
        jitter: 0,
        softTimeout: softTimeout,
        hardTimeout: hardTimeout,
        loadDeadline: loadDeadline,
        retryPause: retryPause
    )
}

/// An origin that counts what it is asked.
final class Origin: Sendable {
    struct Down: Error, Equatable {}

    private struct State {
        var values: [Int: String] = [:]
        var isDown = false
        var loads = 0
        var asked: [[Int]] = []
    }

    private let state: Locked<State>

    init(_ values: [Int: String] = [:]) {
        state = Locked(State(values: values))
    }

    var loads: Int { state.withLock { $0.loads } }
    var asked: [[Int]] { state.withLock { $0.asked } }

    var isDown: Bool {
        get { state.withLock { $0.isDown } }
        set { state.withLock { $0.isDown = newValue } }
    }

    subscript(key: Int) -> String? {
        get { state.withLock { $0.values[key] } }
        set { state.withLock { $0.values[key] = newValue } }
    }

    func load(_ key: Int) throws -> String? {
        try state.withLock { state in
            state.loads += 1
            if state.isDown { throw Down() }
            return state.values[key]
        }
    }

    func load(_ keys: [Int]) throws -> [Int: String] {
        try state.withLock { state in
            state.loads += 1
            state.asked.append(keys.sorted())
            if state.isDown { throw Down() }
            return state.values.filter { keys.contains($0.key) }
        }
    }
}

/// Waits, without letting time pass, until a condition holds that other tasks are about to bring.
///
/// A test that reaches its time limit is cancelled, and fails here.
func until(_ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async {
    while !condition() {
        guard !Task.isCancelled else {
            Issue.record("The test was cancelled before the condition held.", sourceLocation: sourceLocation)
            return
        }
        await Task.yield()
    }
}
