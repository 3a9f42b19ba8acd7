package import Larder
import LarderTesting
import Logging
import MemoryCache

/// Tasks that read through a cache, and others that call its store, while something happens to the store.
///
/// The memory of the cache is small, so most reads ask the store; the origin works, and stale copies may be served.
package struct FaultLoad: Sendable {
    /// What came of it.
    package struct Outcome: Sendable {
        /// How many reads of the cache there were, and how many failed or brought a wrong value.
        package var reads = 0
        package var failedReads = 0

        /// How many calls of the store there were, and how many failed.
        package var calls = 0
        package var failedCalls = 0

        /// From the end of the fault until the store answered for all of some keys.
        package var recovery = Duration.zero

        /// What 99 of 100 reads took at most.
        package var slowest = Duration.zero
    }

    /// How many tasks read, and how many call the store.
    package var readers = 20
    package var callers = 10

    /// How long all goes well before the fault, and after the store is back.
    package var calm: Duration

    /// - Parameter calm: How long all goes well before the fault, and after the store is back.
    package init(calm: Duration) {
        self.calm = calm
    }

    private static let keys = 2_000

    private static let policy = CachePolicy(
        timeToLive: .seconds(60),
        grace: .seconds(60),
        softTimeout: .milliseconds(100)
    )

    /// Puts a store under load, lets something happen to it, and waits until it is back.
    ///
    /// - Parameters:
    ///   - store: The store.
    ///   - fault: What happens to it; when it returns the fault is over.
    /// - Returns: What came of it.
    /// - Throws: What the fault throws, or an error if the store was not there at first.
    package func run(on store: any RemoteStore, fault: () async throws -> Void) async throws -> Outcome {
        let cache = try CacheSystem(store: store, logger: Logger(label: "faults") { _ in SwiftLogNoOpLogHandler() })
            .cache(CacheNamespace<Int, String>("values", policy: Self.policy, memory: .entries(64)))
        for key in 0..<Self.keys { try await cache.setValue("value \(key)", forKey: key) }
        let probes = (0..<32).map { StoreKey("probe:\($0)") }
        try await store.setValues(probes.map { StoreWrite(key: $0, bytes: [1], timeToLive: .seconds(600)) })
        let stop = Counter()
        async let reading = read(cache, until: stop)
        async let calling = call(store, probes, until: stop)
        do {
            try await Task.sleep(for: calm)
            try await fault()
        } catch {
            stop.add()
            throw error
        }
        let start = ContinuousClock.now
        while (try? await store.values(forKeys: probes)) == nil { try await Task.sleep(for: .milliseconds(2)) }
        let recovery = ContinuousClock.now - start
        try await Task.sleep(for: calm)
        stop.add()
        var (outcome, calls) = await (reading, calling)
        outcome.recovery = recovery
        outcome.calls = calls.calls
        outcome.failedCalls = calls.failedCalls
        return outcome
    }

    private func read(_ cache: TieredCache<Int, String>, until stop: Counter) async -> Outcome {
        await withTaskGroup(of: (failed: Int, latencies: [Duration]).self) { group in
            for _ in 0..<readers {
                group.addTask {
                    var failed = 0
                    var latencies: [Duration] = []
                    while stop.value == 0 {
                        let key = Int.random(in: 0..<Self.keys)
                        let start = ContinuousClock.now
                        let value = try? await cache.value(forKey: key) { key in
                            // The origin takes its time.
                            try await Task.sleep(for: .milliseconds(2))
                            return "value \(key)"
                        }
                        latencies.append(ContinuousClock.now - start)
                        if value != "value \(key)" { failed += 1 }
                        try? await Task.sleep(for: .milliseconds(1))
                    }
                    return (failed, latencies)
                }
            }
            var outcome = Outcome()
            var latencies: [Duration] = []
            for await part in group {
                outcome.failedReads += part.failed
                latencies += part.latencies
            }
            latencies.sort()
            outcome.reads = latencies.count
            outcome.slowest = latencies.isEmpty ? .zero : latencies[latencies.count * 99 / 100]
            return outcome
        }
    }

    private func call(_ store: any RemoteStore, _ keys: [StoreKey], until stop: Counter) async -> Outcome {
        await withTaskGroup(of: Outcome.self) { group in
            for _ in 0..<callers {
                group.addTask {
                    var outcome = Outcome()
                    while stop.value == 0 {
                        outcome.calls += 1
                        let value = try? await store.value(forKey: keys[outcome.calls % keys.count])
                        if value == nil { outcome.failedCalls += 1 }
                        try? await Task.sleep(for: .milliseconds(1))
                    }
                    return outcome
                }
            }
            return await group.reduce(into: Outcome()) { sum, part in
                sum.calls += part.calls
                sum.failedCalls += part.failedCalls
            }
        }
    }
}
