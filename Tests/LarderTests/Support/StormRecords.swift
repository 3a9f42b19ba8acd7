import LarderTesting
import MemoryCache

/// What the callers of a round were answered with.
final class StormAnswers: Sendable {
    private struct State {
        var count = 0
        var cancelled: Set<Int> = []
        var wrong: Set<String> = []
    }

    private let round: StormRound
    private let state = Locked(State())

    init(_ round: StormRound) {
        self.round = round
    }

    /// How many callers have an answer.
    var count: Int { state.withLock { $0.count } }

    /// What no caller should have been told.
    var wrong: Set<String> { state.withLock { $0.wrong } }

    func expectCancellation(of caller: Int) {
        state.withLock { _ = $0.cancelled.insert(caller) }
    }

    func take(_ caller: Int, _ body: () async throws -> [String?]) async {
        do {
            let values = try await body()
            state.withLock { state in
                for value in values where value != "loaded" && value != "set" {
                    state.wrong.insert("the value \(value ?? "none")")
                }
            }
        } catch {
            state.withLock { state in
                if !round.explains(error, isCancelled: state.cancelled.contains(caller)) {
                    state.wrong.insert("the error \(error)")
                }
            }
        }
        state.withLock { $0.count += 1 }
    }
}

/// The loads that are at work, and how many of a key may be at the same time.
final class LoadsUnderWay: Sendable {
    private struct State {
        var running: [String: Int] = [:]
        var allowed = 1
        var haveOverlapped = false
    }

    private let state = Locked(State())

    var running: Int { state.withLock { $0.running.values.reduce(0, +) } }

    /// Whether more loads of a key were at work than may be.
    var haveOverlapped: Bool { state.withLock { $0.haveOverlapped } }

    func begin(_ round: StormRound) {
        state.withLock { $0 = State() }
    }

    /// Notes that some loads may lose their key, so that others may begin.
    func loosen(_ count: Int = 1) {
        state.withLock { $0.allowed += count }
    }

    func load(_ keys: [String], _ round: StormRound) async throws -> String {
        state.withLock { state in
            for key in keys {
                state.running[key, default: 0] += 1
                if state.running[key, default: 0] > state.allowed { state.haveOverlapped = true }
            }
        }
        defer {
            state.withLock { state in
                for key in keys { state.running[key, default: 0] -= 1 }
            }
        }
        for _ in 0..<round.pauses {
            try Task.checkCancellation()
            await Task.yield()
        }
        if round.hangs { try await round.door.wait() }
        if round.fails { throw StormRound.Broken() }
        return "loaded"
    }
}
