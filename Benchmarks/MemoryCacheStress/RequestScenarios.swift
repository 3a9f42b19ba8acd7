import MemoryCache

/// Ordinary keys, asked for in ways that are not.
enum RequestScenarios {
    static let all: [KeyScenarios.Scenario] = [
        ("growth_entries", { try fill(MemoryCache(capacity: .entries(million))) }),
        ("growth_weight", { try fill(MemoryCache(capacity: .weight(3 * million)) { key, _ in 1 + key % 3 }) }),
        ("growth_bytes", { try fill(MemoryCache(capacity: .bytes(100 * million))) }),
        ("growth_lighter", { try heavyThenLight() }),
        ("one_key", { try oneKey() }),
        ("scan", { try readThrough((0..<2 * million).lazy.map { $0 }) }),
        ("loop", { try readThrough((0..<million).lazy.map { $0 % 110_000 }) }),
        ("weight_zero", { try weighed { _ in 0 } }),
        ("weight_over_limit", { try weighed { $0 % 2 == 0 ? 1 : 1_000_000 } }),
        ("weight_mixed", { try weighed { $0 % 100 == 0 ? 100 : 1 } }),
    ]

    static let million = 1_000_000

    private static func fill(_ cache: MemoryCache<Int, Int>) throws -> Meter {
        var meter = Meter()
        for key in 0..<million { meter.time { cache.setValue(key, forKey: key) } }
        return meter
    }

    /// So heavy entries at first that the cache cannot guess how many light ones will come.
    private static func heavyThenLight() throws -> Meter {
        let cache = try MemoryCache<Int, Int>(capacity: .weight(million)) { key, _ in key < 5_000 ? 200 : 1 }
        return try fill(cache)
    }

    private static func oneKey() throws -> Meter {
        let cache = try MemoryCache<Int, Int>(capacity: .entries(1_000))
        var meter = Meter()
        for step in 0..<million {
            meter.time {
                switch step % 4 {
                case 0: cache.setValue(step, forKey: 1)
                case 1: cache.removeValue(forKey: 1)
                default: _ = cache.value(forKey: 1)
                }
            }
        }
        return meter
    }

    private static func readThrough(_ keys: some Sequence<Int>) throws -> Meter {
        let cache = try MemoryCache<Int, Int>(capacity: .entries(100_000))
        var meter = Meter()
        for key in keys { meter.time { if cache.value(forKey: key) == nil { cache.setValue(key, forKey: key) } } }
        return meter
    }

    private static func weighed(_ weight: @escaping @Sendable (Int) -> Int) throws -> Meter {
        let cache = try MemoryCache<Int, Int>(capacity: .weight(100_000)) { key, _ in weight(key) }
        var meter = Meter()
        for key in 0..<300_000 { meter.time { cache.setValue(key, forKey: key) } }
        return meter
    }
}
