import Foundation
import Larder
import LarderTesting
import MemoryCache
import Testing

@testable import LarderMonitoring

@Suite(.timeLimit(.minutes(10))) struct SnapshotTests {
    private let clock = ManualClock()
    private let system: CacheSystem
    private let users: TieredCache<String, String>

    init() throws {
        system = try CacheSystem(store: DictionaryStore(clock: clock), clock: clock)
        users = try system.cache(
            CacheNamespace("users", policy: CachePolicy(timeToLive: .seconds(60)), memory: .entries(500))
        )
    }

    private func read(_ key: Int, taking duration: Duration = .milliseconds(2)) async throws {
        _ = try await users.value(forKey: "user \(key)") { [clock] key in
            clock.advance(by: duration)
            return key
        }
    }

    @Test("a snapshot has what the statistics say, of the window and since the start")
    func counts() async throws {
        let source = SnapshotSource(of: system, title: "test")
        for round in 0..<3 { for key in 0..<40 { try await read(key + 10 * round) } }
        clock.advance(by: .seconds(7_200))
        // What a system that runs does by itself.
        _ = system.statistics(over: .oneHour)
        for key in 0..<40 { try await read(key) }
        let snapshot = source.snapshot(over: .oneHour)
        let total = system.statistics.values.reduce(into: CacheStatistics(), +=)
        #expect(snapshot.total == SnapshotCounts(total))
        #expect(snapshot.recent == SnapshotCounts(try #require(system.statistics(over: .oneHour)["users"])))
        #expect(snapshot.recent.requests == 40)
        // The reason of a key may be forgotten, which then counts as cold.
        #expect(snapshot.recent.missReasons.values.reduce(0, +) == 40)
        #expect(snapshot.recent.missReasons["expired"] ?? 0 > 20)
        #expect(snapshot.total.requests == 160)
        #expect(snapshot.latencies.origin.count == 40)
        #expect(snapshot.latencies.origin.p50 >= 0.002 && snapshot.latencies.origin.p50 < 0.002_2)
        #expect(abs(snapshot.uptime - 7_200) < 1)
        let namespace = try #require(snapshot.namespaces.first)
        #expect(snapshot.namespaces.count == 1)
        #expect(
            namespace.settings.capacity == 500 && namespace.settings.timeToLive == 60 && namespace.settings.hasStore
        )
        #expect(namespace.hottestKeys.first?.reads ?? 0 > 0)
    }

    @Test("the steps of the history add up to the window, and are of one namespace if that is asked for")
    func history() async throws {
        let cache = try system.cache(CacheNamespace<Int, Int>.inMemory("others"))
        let source = SnapshotSource(of: system)
        for step in 0..<20 {
            for key in 0..<10 { try await read(key + step) }
            _ = try await cache.value(forKey: step) { $0 }
            _ = system.statistics(over: .oneMinute)
            clock.advance(by: .seconds(60))
        }
        let all = source.snapshot(over: .fifteenMinutes)
        #expect(all.history.reduce(0) { $0 + $1.requests } == all.recent.requests)
        #expect(all.history.last?.age == 0)
        #expect(zip(all.history, all.history.dropFirst()).allSatisfy { $0.age > $1.age })
        #expect(all.history.dropLast().allSatisfy { abs($0.length - 60) < 0.01 && $0.originP50 != nil })
        let one = source.snapshot(over: .fifteenMinutes, historyOf: "others")
        #expect(one.historyOf == "others")
        let others = one.namespaces.first { $0.name == "others" }
        #expect(one.history.reduce(0) { $0 + $1.requests } == others?.recent.requests)
        #expect(source.snapshot(over: .fifteenMinutes, historyOf: "nobody").historyOf == nil)
    }

    @Test("keys that come back after they expired are advice for a longer lifetime, and scans advice for more memory")
    func advice() async throws {
        let source = SnapshotSource(of: system)
        // Each user each ninety seconds: a lifetime of sixty answers none of them.
        for _ in 0..<6 {
            for key in 0..<400 { try await read(key, taking: .zero) }
            clock.advance(by: .seconds(90))
        }
        let longer = try #require(source.snapshot(over: .fifteenMinutes).advice.first { $0.kind == .lifetime })
        #expect(longer.gain ?? 0 > 0.3, "\(longer.text)")
        // A thousand in turn, through room for half of them.
        for _ in 0..<6 { for key in 0..<900 { try await read(key, taking: .zero) } }
        let larger = try #require(source.snapshot(over: .fifteenMinutes).advice.first { $0.kind == .capacity })
        #expect(larger.gain ?? 0 > 0.3, "\(larger.text)")
        #expect(larger.text.contains("1,000 entries"))
    }

    @Test("a snapshot is the same after it was written as JSON and read")
    func coding() async throws {
        for key in 0..<300 { try await read(key % 200) }
        let alerts = try AlertMonitor(of: system, rules: [AlertRule("hits", .hitRatioBelow(0.99))], handlers: [])
        alerts.evaluate()
        let snapshot = SnapshotSource(of: system, alerts: alerts).snapshot(over: .oneMinute)
        #expect(snapshot.alerts.map(\.rule) == ["hits"])
        let read = try MonitoringSnapshot(json: snapshot.json())
        #expect(try read.json() == snapshot.json())
        #expect(read.recent == snapshot.recent && read.namespaces == snapshot.namespaces)
        #expect(try !snapshot.json().contains(UInt8(ascii: "\n")))
    }

    @Test("what is no snapshot, or one of another version, is refused with a word on what to do")
    func refusals() throws {
        #expect {
            try MonitoringSnapshot(json: Data("<html>".utf8))
        } throws: {
            "\($0)".contains("address of a dashboard")
        }
        #expect { try MonitoringSnapshot(json: Data(#"{"format": 7}"#.utf8)) } throws: {
            "\($0)".contains("form 7") && ($0 as? SnapshotError)?.code == .unknownFormat(7)
        }
    }

    @Test("keys that are not to be seen in the store are not in a snapshot either, and long ones are shortened")
    func keys() async throws {
        let long = String(repeating: "é", count: 300)
        for _ in 0..<10 { _ = try await users.value(forKey: long) { $0 } }
        let key = try #require(SnapshotSource(of: system).snapshot(over: .oneMinute).hottestKeys.first)
        #expect(key.key.count <= 120 && key.namespace == "users")
    }

    @Test("of many namespaces those with the most requests are told one by one, and all of them count")
    func manyNamespaces() async throws {
        for number in 0..<210 {
            let cache = try system.cache(CacheNamespace<Int, Int>.inMemory("n\(number)"))
            for key in 0...number { _ = try await cache.value(forKey: key) { $0 } }
        }
        let snapshot = SnapshotSource(of: system).snapshot(over: .oneMinute)
        #expect(snapshot.namespaces.count == SnapshotSource.maximumNamespaces)
        #expect(snapshot.omittedNamespaces == 11)
        #expect(snapshot.namespaces.first?.name == "n209")
        #expect(snapshot.recent.requests == (1...210).reduce(0, +))
    }
}
