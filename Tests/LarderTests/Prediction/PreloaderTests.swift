import LarderTesting
import MemoryCache
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct PreloaderTests {
    private let clock = ManualClock()

    private func cache(_ monitoring: MonitoringRules = MonitoringRules()) throws -> LoadingCache<Int, String> {
        var configuration = CacheSystem.Configuration()
        configuration.monitoring = monitoring
        let system = try CacheSystem(configuration: configuration, clock: clock)
        let policy = exact(timeToLive: .seconds(50), loadDeadline: CachePolicy.maximumDuration)
        return try system.cache(CacheNamespace<Int, String>("values", policy: policy)) { [clock] in
            try await clock.sleep(until: clock.now.advanced(by: .milliseconds(20)))
            return "\($0)"
        }
    }

    @Test("keys that are read at even distances are in memory before they are read, and the counts say so")
    func regular() async throws {
        let cache = try cache()
        let preloader = try Preloader(of: cache, rules: PreloadRules(maximumConcurrentLoads: 20))
        let run = Task { try await preloader.run() }
        let reads = Task { [clock] in
            while !Task.isCancelled {
                try await clock.sleep(until: clock.now.advanced(by: .seconds(60)))
                for key in 0..<20 { _ = try await cache.value(forKey: key) }
            }
        }
        await clock.pass(longestStep: .seconds(1)) { preloader.statistics.used >= 100 }
        reads.cancel()
        run.cancel()
        _ = await (reads.result, run.result)
        let statistics = preloader.statistics
        #expect(statistics.used >= 100)
        #expect(statistics.precision > 0.5)
        #expect(statistics.predictors.contains { $0.isOn && $0.used > 0 })
        #expect(statistics.loadsPerAvoidedMiss < 2)
        #expect(cache.statistics.preloads?.used == statistics.used)
        // The reads that were answered by what was loaded ahead are hits, and loads ahead are no misses.
        #expect(cache.statistics.memoryHits >= statistics.used)
        #expect(cache.statistics.loads > cache.statistics.misses)
    }

    @Test("a key is loaded ahead through the flight that all its loads share, and anew while it is fresh")
    func preloading() async throws {
        let loads = Locked(0)
        let system = try CacheSystem(clock: clock)
        let cache = try system.cache(CacheNamespace<Int, String>("values")) { key in
            loads.withLock { $0 += 1 }
            return "\(key)"
        }
        try await cache.preload(1)
        #expect(cache.cachedValue(forKey: 1) == "1")
        #expect(cache.statistics.misses == 0)
        try await cache.preload(1)
        while loads.withLock({ $0 }) < 2 { await Task.yield() }
        #expect(cache.statistics.refreshes == 1)
    }

    @Test("rules out of range, and a cache whose reads nobody looks at, are refused")
    func validation() throws {
        let seen = try cache()
        #expect(throws: CacheError.self) { try Preloader(of: seen, rules: PreloadRules(loadsPerSecond: 0)) }
        #expect(throws: CacheError.self) { try Preloader(of: seen, rules: PreloadRules(breakEven: 1)) }
        #expect(throws: CacheError.self) { try Preloader(of: seen, rules: PreloadRules(minimumPrecision: 2)) }
        #expect(throws: CacheError.self) { try Preloader(of: seen, rules: PreloadRules(keys: 0)) }
        var blind = MonitoringRules()
        blind.hotKeys = 0
        blind.sampledKeys = 0
        let unseen = try cache(blind)
        #expect(throws: CacheError.self) { try Preloader(of: unseen) }
    }
}
