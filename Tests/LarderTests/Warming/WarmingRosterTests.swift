import Foundation
import LarderTesting
import MemoryCache
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct WarmingRosterTests {
    private let bench = WarmingBench()
    private var clock: ManualClock { bench.clock }

    private func roster(
        _ cache: LoadingCache<Int, String>,
        _ body: (WarmingRoster<Int, String>) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "larder-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(WarmingRoster(of: cache, path: path, limit: 10))
    }

    @Test("a roster keeps the hottest keys, and the next process warms those first, and so does the one after it")
    func roster() async throws {
        let (_, first) = try bench.cache(WarmingOrigin(clock))
        for key in 0..<50 {
            for _ in 0...(key == 7 ? 400 : key == 9 ? 200 : 1) { _ = try await first.value(forKey: key) }
        }
        try await roster(first) { kept in
            try kept.save()
            // Loads of another length, such as a process has that finds its origin busy, change nothing of the order.
            for takes in [Duration.milliseconds(80), .milliseconds(1)] {
                let origin = WarmingOrigin(clock, takes: takes)
                let (system, second) = try bench.cache(origin)
                let roster = WarmingRoster(of: second, path: kept.path, limit: 10)
                #expect(roster.keys().count == 10)
                #expect(roster.keys().prefix(2) == [7, 9])
                let rules = WarmingRules(loadsPerSecond: 1_000, maximumConcurrentLoads: 1)
                let warmer = try Warmer(of: system, tasks: [roster.task(rules: rules)], rosters: [roster])
                await bench.run(warmer)
                #expect(origin.keys.count == 10)
                #expect(origin.keys.prefix(2) == [7, 9])
                // Kept at the end, too, with what was known before.
                #expect(roster.keys().prefix(2) == [7, 9])
                #expect(Set(roster.keys()) == Set(origin.keys))
            }
            try Data("broken".utf8).write(to: URL(filePath: kept.path))
            #expect(kept.keys().isEmpty)
        }
    }

    @Test("in a roster a key that takes long to load comes before one that is read a little more often")
    func costlyKeys() async throws {
        let system = try CacheSystem(clock: clock)
        let cache = try system.cache(CacheNamespace<Int, String>("values")) { [clock] in
            // Key 1 takes a second, all others a millisecond.
            clock.advance(by: $0 == 1 ? .seconds(1) : .milliseconds(1))
            return "\($0)"
        }
        for key in 0..<3 {
            for _ in 0..<(100 + 50 * key) { _ = try await cache.value(forKey: key) }
        }
        try await roster(cache) { roster in
            try roster.save()
            #expect(roster.keys() == [1, 2, 0])
        }
    }

    @Test("reads of earlier processes fade by the hour, not by how often a roster is kept")
    func fading() async throws {
        let start = Date(timeIntervalSince1970: 0)
        let hours = Locked(0.0)
        func open() throws -> LoadingCache<Int, String> {
            let system = try CacheSystem(clock: clock, wallTime: { start + hours.withLock { $0 } * 3_600 })
            return try system.cache(CacheNamespace<Int, String>("values")) { "\($0)" }
        }
        let first = try open()
        for _ in 0..<640 { _ = try await first.value(forKey: 1) }
        try await roster(first) { kept in
            try kept.save()
            let second = try open()
            for _ in 0..<240 { _ = try await second.value(forKey: 2) }
            let roster = WarmingRoster(of: second, path: kept.path)
            for _ in 0..<20 { try roster.save() }
            #expect(roster.keys() == [1, 2])
            hours.withLock { $0 = 2 }
            for _ in 0..<20 { try roster.save() }
            #expect(roster.keys() == [2, 1])
            hours.withLock { $0 = 20 }
            try roster.save()
            #expect(roster.keys() == [2])
        }
    }
}
