import Larder
import LarderTesting
import Testing

/// An origin that hangs under 1,000 requests a second for a minute of the manual clock.
@Suite(.timeLimit(.minutes(10))) struct HungOriginTests {
    private static let keys = 50
    private static let limit = 8

    private let clock = ManualClock()
    private let origin = HeldOrigin(Dictionary(uniqueKeysWithValues: (0..<keys).map { ($0, "new") }))
    private let cache: LoadingCache<Int, String>
    private let softTimeout = Duration.milliseconds(100)
    private let hardTimeout = Duration.seconds(1)

    init() throws {
        let policy = exact(
            grace: .seconds(600),
            softTimeout: softTimeout,
            hardTimeout: hardTimeout,
            loadDeadline: .seconds(5)
        )
        var namespace = CacheNamespace<Int, String>.inMemory("values", policy: policy)
        namespace.loadLimits = LoadLimits(maximumConcurrentLoads: Self.limit)
        cache = try CacheSystem(clock: clock).cache(namespace) { [origin] in try await origin.load($0) }
    }

    /// Sends a request each millisecond, and lets all that is due happen before the next.
    private func sendRequests(for duration: Duration, timeout: Duration) async -> OutageRecord {
        let record = OutageRecord()
        let steps = Int(duration / .milliseconds(1))
        let timeoutSteps = Int(timeout / .milliseconds(1))
        await withDiscardingTaskGroup { group in
            for step in 0...(steps + timeoutSteps) {
                if step < steps {
                    group.addTask { [cache, clock] in
                        await record.take(step, clock) { _ = try await cache.value(forKey: step % Self.keys) }
                    }
                }
                let sent = min(step + 1, steps)
                let due = max(0, min(step + 1 - timeoutSteps, steps))
                // Whose time has come has an answer, and all others wait: only then the clock may move.
                await until {
                    record.answeredInOrder >= due && record.answers + cache.cache.activity.waiting == sent
                }
                if step % 10 == 0 { record.note(cache.cache, running: cache.statistics.runningLoads) }
                clock.advance(by: .milliseconds(1))
            }
        }
        return record
    }

    /// The first request after the origin is well again succeeds, and nothing is left of the outage.
    private func expectRecovery() async throws {
        origin.release()
        #expect(try await cache.value(forKey: 0) == "new")
        await until { cache.cache.activity == (0, 0) && cache.statistics.runningLoads == 0 }
        #expect(cache.cache.watchedDeadlines == 0)
        #expect(cache.statistics.queuedLoads == 0)
        #expect(origin.running == 0)
    }

    @Test("with stale copies no caller sees an error, and none waits longer than the soft timeout")
    func withCopies() async throws {
        for key in 0..<Self.keys { try await cache.setValue("old", forKey: key) }
        clock.advance(by: .seconds(60))
        origin.hold()
        let record = await sendRequests(for: .seconds(60), timeout: softTimeout)
        #expect(record.answers == 60_000)
        #expect(record.errors.isEmpty)
        #expect(record.wait(ofShare: 0.99) == softTimeout)
        #expect(record.wait(ofShare: 1) == softTimeout)
        #expect(cache.statistics.staleHits == 60_000)
        expectBounds(record, waiting: 101)
        try await expectRecovery()
    }

    @Test("without copies each caller fails at its own timeout at the latest")
    func withoutCopies() async throws {
        origin.hold()
        let record = await sendRequests(for: .seconds(60), timeout: hardTimeout)
        #expect(record.answers == 60_000)
        #expect(record.errors.count == 60_000)
        #expect(record.errors.allSatisfy { ($0 as? CacheError)?.code == .loadTimedOut })
        #expect(record.wait(ofShare: 0.5) == hardTimeout)
        #expect(record.wait(ofShare: 1) == hardTimeout)
        #expect(cache.statistics.misses == 60_000)
        expectBounds(record, waiting: 1_001)
        try await expectRecovery()
    }

    private func expectBounds(_ record: OutageRecord, waiting: Int) {
        let most = record.most
        #expect(most.running == Self.limit)
        #expect(most.flights <= Self.keys)
        #expect(most.waiting <= waiting)
        #expect(most.alarms <= Self.keys + waiting)
        #expect(cache.statistics.entries <= Self.keys)
        #expect(cache.statistics.loads <= Self.keys * 14, "each key once in five seconds")
    }
}
