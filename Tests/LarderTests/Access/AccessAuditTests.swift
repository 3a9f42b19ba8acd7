import Foundation
import LarderTesting
import MemoryCache
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct AccessAuditTests {
    /// Takes decisions once it is let.
    private final class Sink: AccessAuditSink {
        private struct State {
            var records: [AccessRecord] = []
            var dropped = 0
            var calls = 0
            var isOpen: Bool
            var waiting: [CheckedContinuation<Void, Never>] = []
        }

        private let state: Locked<State>

        init(isOpen: Bool = true) {
            state = Locked(State(isOpen: isOpen))
        }

        var records: [AccessRecord] { state.withLock { $0.records } }
        var dropped: Int { state.withLock { $0.dropped } }
        var calls: Int { state.withLock { $0.calls } }

        func open() {
            let waiting = state.withLock { state in
                state.isOpen = true
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }

        func record(_ records: [AccessRecord], dropped: Int) async {
            state.withLock { $0.calls += 1 }
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.waiting.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
            state.withLock { state in
                state.records += records
                state.dropped += dropped
            }
        }
    }

    private func view(_ audit: AccessAudit, now: Date = Date(timeIntervalSince1970: 7)) throws -> ScopedCache<
        String, Int
    > {
        let policy = try AccessPolicy([
            .deny(nil, [.read], in: "notes", keys: KeyPattern("secret/*")),
            .allow("editor", [.read, .write, .clear], in: "notes"),
        ])
        return try CacheSystem(access: AccessControl(policy, audit: audit), wallTime: { now })
            .cache(CacheNamespace.inMemory("notes", policy: exact()))
            .scoped(to: Principal("ann", roles: ["editor"]))
    }

    @Test("a decision is noted with all that led to it")
    func records() async throws {
        let sink = Sink()
        let view = try view(AccessAudit(to: sink))
        try await view.setValue(1, forKey: "a:b")
        #expect(throws: CacheError.self) { try view.cachedValue(forKey: "secret/1") }
        try await view.removeAll()
        await until { sink.records.count == 3 }
        let ann = Principal("ann", roles: ["editor"])
        let time = Date(timeIntervalSince1970: 7)
        func record(_ action: AccessAction, _ keys: String, _ isAllowed: Bool, _ rule: Int?) -> AccessRecord {
            AccessRecord(
                principal: ann,
                action: action,
                namespace: "notes",
                keys: keys,
                decision: AccessDecision(isAllowed: isAllowed, rule: rule),
                time: time
            )
        }
        #expect(
            sink.records == [
                record(.write, "a%3Ab", true, 1),
                record(.read, "secret/1", false, 0), record(.clear, "*", true, 1),
            ]
        )
    }

    @Test(
        "the scope says what is noted",
        arguments: [(.denials, 1), (.denialsAndChanges, 2), (.everything, 4)] as [(AccessAudit.Scope, Int)]
    )
    func scopes(scope: AccessAudit.Scope, count: Int) async throws {
        let sink = Sink()
        let view = try view(AccessAudit(to: sink, scope))
        try await view.setValue(1, forKey: "a")
        _ = try view.cachedValue(forKey: "a")
        _ = try view.cachedValue(forKey: "a")
        await #expect(throws: CacheError.self) { try await view.removeValue(forKey: "a") }
        await until { sink.records.count == count }
        #expect(sink.records.last?.action == .invalidate, "nothing is noted behind it")
    }

    @Test("a sink that hangs stops nobody, and what finds no room is counted")
    func slowSink() async throws {
        let sink = Sink(isOpen: false)
        let view = try view(AccessAudit(to: sink, .everything, capacity: 10))
        try await view.setValue(1, forKey: "a")
        await until { sink.calls == 1 }
        for _ in 0..<100 { #expect(try view.cachedValue(forKey: "a") == 1) }
        sink.open()
        await until { sink.records.count == 11 }
        await until { sink.dropped == 90 }
        #expect(try view.cachedValue(forKey: "a") == 1)
        await until { sink.records.count == 12 }
    }
}
