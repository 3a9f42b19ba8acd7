import LarderTesting
import Logging
import MemoryCache
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct AlertMonitorTests {
    private let clock = ManualClock()
    private let origin = Origin(Dictionary(uniqueKeysWithValues: (0..<100_000).map { ($0, "\($0)") }))

    /// What a handler was told.
    private final class Record: Sendable {
        private let alerts = Locked<[Alert]>([])
        var all: [Alert] { alerts.withLock { $0 } }
        var lines: [String] { all.map { "\($0.rule) \($0.namespace ?? "-") \($0.state.rawValue)" } }
        func add(_ alert: Alert) { alerts.withLock { $0.append(alert) } }
    }

    private func rule(_ name: String, _ condition: AlertRule.Condition) -> AlertRule {
        var rule = AlertRule(name, condition)
        rule.window = .oneMinute
        rule.holdTime = .seconds(20)
        rule.quietTime = .seconds(20)
        return rule
    }

    /// A monitor of one namespace, whose breaker opens when the origin fails.
    private func monitor(
        _ system: CacheSystem,
        _ rules: [AlertRule],
        _ handlers: [any AlertHandler],
        bytes: @escaping @Sendable () -> Int? = { nil }
    ) throws -> AlertMonitor {
        try AlertMonitor(
            of: system,
            rules: rules,
            handlers: handlers,
            interval: .seconds(10),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            processBytes: bytes
        )
    }

    @Test("an outage of the origin fires for the namespace that it concerns, and is resolved when it is over")
    func outage() async throws {
        let system = try CacheSystem(clock: clock)
        var namespace = CacheNamespace<Int, String>.inMemory("users", policy: exact())
        namespace.breaker = try CircuitBreaker("origin", clock: clock)
        let users = try system.cache(namespace)
        let pages = try system.cache(CacheNamespace<Int, String>.inMemory("pages", policy: exact()))
        let record = Record()
        // Behind a breaker that is open nothing is loaded, so that nothing fails there.
        var errors = rule("errors", .loadErrorRatioAbove(0.5))
        errors.namespace = "pages"
        let alerts = try monitor(
            system,
            [errors, rule("breaker", .breakerOpen)],
            [ClosureAlertHandler { record.add($0) }]
        )
        let run = Task { try await alerts.run() }
        var key = 0
        func live(_ seconds: Int) async {
            for _ in 0..<seconds / 10 {
                for _ in 0..<30 {
                    key += 1
                    _ = try? await users.value(forKey: key) { [origin] in try origin.load($0) ?? "" }
                    _ = try? await pages.value(forKey: key) { [origin] in try origin.load($0) ?? "" }
                }
                await clock.waitForSleepers(1)
                clock.advance(by: .seconds(10))
            }
            await clock.waitForSleepers(1)
        }
        await live(60)
        #expect(alerts.alerts.isEmpty)
        origin.isDown = true
        await live(120)
        #expect(alerts.alerts.contains { $0.rule == "breaker" && $0.namespace == "users" })
        await until { record.lines.contains("breaker users firing") && record.lines.contains("errors pages firing") }
        origin.isDown = false
        await live(300)
        await until { record.all.count == 4 }
        #expect(alerts.alerts.isEmpty)
        #expect(
            record.lines.sorted() == [
                "breaker users firing", "breaker users resolved", "errors pages firing", "errors pages resolved",
            ]
        )
        #expect(alerts.recentAlerts.count == 4)
        #expect(alerts.recentAlerts.first?.state == .resolved)
        run.cancel()
        _ = await run.result
    }

    @Test("ratios and percentiles tell nothing until there are enough reads, and then what the statistics say")
    func readings() async throws {
        let system = try CacheSystem(clock: clock)
        let cache = try system.cache(CacheNamespace<Int, String>.inMemory("users", policy: exact()))
        let record = Record()
        var rules = [
            rule("hits", .hitRatioBelow(0.8)), rule("slow", .loadLatencyAbove(.milliseconds(100), percentile: 0.99)),
        ]
        for index in rules.indices { rules[index].holdTime = .zero }
        let alerts = try monitor(system, rules, [ClosureAlertHandler { record.add($0) }])
        for key in 0..<19 { _ = try await cache.value(forKey: key) { "\($0)" } }
        alerts.evaluate()
        #expect(alerts.alerts.isEmpty)
        _ = try await cache.value(forKey: 19) { [clock] in
            clock.advance(by: .milliseconds(150))
            return "\($0)"
        }
        alerts.evaluate()
        #expect(alerts.alerts.map(\.rule) == ["hits", "slow"])
        #expect(alerts.alerts.map(\.value) == [0, 0.15])
        for _ in 0..<200 { _ = try await cache.value(forKey: 1) { "\($0)" } }
        alerts.evaluate()
        #expect(alerts.alerts[0].value > 0.9, "it stays until all has been well for a while")
        #expect(alerts.alerts[0].state == .firing)
    }

    @Test("memory and the store's breaker concern no namespace, and a silenced rule is not told")
    func common() async throws {
        let bytes = Locked(10)
        let record = Record()
        let system = try CacheSystem(store: DictionaryStore(clock: clock), clock: clock)
        var rules = [rule("memory", .memoryAbove(bytes: 100)), rule("breaker", .breakerOpen)]
        rules[0].holdTime = .zero
        rules[0].quietTime = .zero
        let alerts = try monitor(system, rules, [ClosureAlertHandler { record.add($0) }]) { bytes.withLock { $0 } }
        alerts.evaluate()
        #expect(alerts.alerts.isEmpty)
        bytes.withLock { $0 = 200 }
        alerts.silence(rule: "memory", for: .seconds(30))
        alerts.evaluate()
        #expect(alerts.alerts.map(\.value) == [200])
        #expect(alerts.alerts[0].namespace == nil)
        #expect(alerts.recentAlerts.isEmpty)
        clock.advance(by: .seconds(31))
        alerts.evaluate()
        #expect(alerts.recentAlerts.map(\.state) == [.firing])
        bytes.withLock { $0 = 10 }
        alerts.evaluate()
        #expect(alerts.recentAlerts.map(\.state) == [.resolved, .firing])
    }

    @Test("a handler that fails is told again, and one that hangs delays no other")
    func handlers() async throws {
        struct Unreachable: Error {}
        let system = try CacheSystem(clock: clock)
        let record = Record()
        let failures = Locked(0)
        let door = Latch()
        var memory = rule("memory", .memoryAbove(bytes: 100))
        memory.holdTime = .zero
        let alerts = try monitor(
            system,
            [memory],
            [
                ClosureAlertHandler { _ in try await door.wait() },
                ClosureAlertHandler { alert in
                    let failed = failures.withLock { count in
                        count += 1
                        return count
                    }
                    if failed <= 2 { throw Unreachable() }
                    record.add(alert)
                },
            ]
        ) { 200 }
        let run = Task { try await alerts.run() }
        while record.all.isEmpty {
            await clock.waitForSleepers(1)
            clock.advance(by: .seconds(1))
            await Task.yield()
        }
        #expect(record.lines == ["memory - firing"])
        #expect(failures.withLock { $0 } == 3)
        run.cancel()
        _ = await run.result
    }

    @Test("rules and intervals out of range are refused, and the process knows its memory")
    func validation() throws {
        let system = try CacheSystem(clock: clock)
        func make(_ rules: [AlertRule], _ interval: Duration = .seconds(1)) throws {
            _ = try AlertMonitor(of: system, rules: rules, handlers: [], interval: interval)
        }
        try make(AlertRule.standard)
        #expect(throws: CacheError.self) { try make([AlertRule("", .breakerOpen)]) }
        #expect(throws: CacheError.self) { try make([AlertRule("a", .hitRatioBelow(1.5))]) }
        #expect(throws: CacheError.self) {
            try make([AlertRule("a", .breakerOpen), AlertRule("a", .hitRatioBelow(0.1))])
        }
        #expect(throws: CacheError.self) { try make([], .zero) }
        #if os(Linux)
        #expect(try #require(ProcessMemory.residentBytes) > 1 << 20)
        #endif
    }
}
