import LarderTesting
import MemoryCache

/// Much that has to leave at once.
enum RemovalScenarios {
    static let all: [KeyScenarios.Scenario] = [
        ("expiry_reads", { try expiry { cache, key in _ = cache.value(forKey: key) } }),
        ("expiry_writes", { try expiry { cache, key in cache.setValue(key, forKey: -1 - key % 1_000) } }),
        (
            "remove_expired_step",
            {
                try steps { cache, clock in
                    clock.advance(by: .seconds(7_200))
                    cache.removeExpired()
                }
            }
        ),
        ("remove_all_step", { try steps { cache, _ in cache.removeAll() } }),
        ("remove_where_step", { try steps { cache, _ in cache.removeAll { _, _ in true } } }),
        ("shrink_step", { try steps { cache, _ in try cache.setCapacity(.entries(10)) } }),
    ]

    /// All of a million entries expire at the same moment; then a request is made for each of them.
    private static func expiry(_ request: (MemoryCache<Int, Int>, Int) -> Void) throws -> Meter {
        let clock = ManualClock()
        let cache = try MemoryCache<Int, Int>(capacity: .entries(RequestScenarios.million), clock: clock)
        for key in 0..<RequestScenarios.million { cache.setValue(key, forKey: key, timeToLive: .seconds(3_600)) }
        clock.advance(by: .seconds(7_200))
        var meter = Meter()
        for key in 0..<RequestScenarios.million { meter.time { request(cache, key) } }
        return meter
    }

    /// The time between two notices to the listener while a million entries leave: longer than a shard is ever locked.
    private static func steps(_ remove: (MemoryCache<Int, Int>, ManualClock) throws -> Void) throws -> Meter {
        let meter = Notices()
        let clock = ManualClock()
        let cache = try MemoryCache<Int, Int>(
            capacity: .entries(RequestScenarios.million),
            clock: clock,
            removalListener: { _, _, _ in meter.hear() }
        )
        for key in 0..<RequestScenarios.million { cache.setValue(key, forKey: key, timeToLive: .seconds(3_600)) }
        meter.begin()
        try remove(cache, clock)
        return meter.meter
    }

    private final class Notices: @unchecked Sendable {
        // Safe to share: used by one thread alone.
        var meter = Meter()
        private var hasBegun = false

        func begin() {
            hasBegun = true
            meter.begin()
        }

        func hear() { if hasBegun { meter.lap() } }
    }
}
