import MemoryCache

/// Keys that are chosen to collide.
enum KeyScenarios {
    typealias Scenario = (name: String, run: @Sendable () throws -> Meter)

    static let all: [Scenario] = [
        ("sequential", { try integers { $0 } }),
        ("same_low_bits_20", { try integers { $0 << 20 } }),
        ("same_low_bits_32", { try integers { $0 << 32 } }),
        ("same_low_bits_44", { try integers { $0 << 44 } }),
        ("strided", { try integers { $0 * 4_096 } }),
        ("bits_reversed", { try integers { Int(bitPattern: UInt(bitPattern: $0).reversedBits) } }),
        ("few_bits_set", { try integers { 1 << ($0 % 63) ^ 1 << ($0 / 63 % 63) ^ 1 << ($0 / 3_969 % 63) } }),
        ("constant_hash", { try constantHash(20_000) }),
        ("constant_hash_twice", { try constantHash(40_000) }),
        ("two_hundred_hashes", { try fewHashes(100_000) }),
    ]

    private static func integers(_ key: (Int) -> Int) throws -> Meter {
        let count = 200_000
        let cache = try MemoryCache<Int, Int>(capacity: .entries(count))
        return run(cache, (0..<count).map(key))
    }

    private static func constantHash(_ count: Int) throws -> Meter {
        let cache = try MemoryCache<BadKey, Int>(capacity: .entries(count))
        return run(cache, (0..<count).map { BadKey(number: $0, hashed: 0) })
    }

    private static func fewHashes(_ count: Int) throws -> Meter {
        let cache = try MemoryCache<BadKey, Int>(capacity: .entries(count))
        return run(cache, (0..<count).map { BadKey(number: $0, hashed: $0 % 200) })
    }

    /// Stores all keys, reads them, and removes them.
    private static func run<Key: Hashable & Sendable>(_ cache: MemoryCache<Key, Int>, _ keys: [Key]) -> Meter {
        var meter = Meter()
        var found = 0
        for (number, key) in keys.enumerated() { meter.time { cache.setValue(number, forKey: key) } }
        for key in keys { meter.time { found += cache.value(forKey: key) == nil ? 0 : 1 } }
        for key in keys { meter.time { cache.removeValue(forKey: key) } }
        return withExtendedLifetime(found) { meter }
    }

    private struct BadKey: Hashable, Sendable {
        let number: Int
        let hashed: Int

        func hash(into hasher: inout Hasher) { hasher.combine(hashed) }
    }
}

extension UInt {
    fileprivate var reversedBits: UInt {
        (0..<UInt(UInt.bitWidth)).reduce(0) { $0 << 1 | (self >> $1 & 1) }
    }
}
