import Larder
import LarderEncryption
import LarderTesting
import MemoryCache
import Testing

@Suite struct RotationTests {
    /// Rotates the keys of two processes at each sixtieth operation.
    private final class Rotation: Sendable {
        private let rings: [KeyRing]
        private let clock: ManualClock
        private let operations = Locked(0)

        init(rings: [KeyRing], clock: ManualClock) {
            self.rings = rings
            self.clock = clock
        }

        func operate() throws {
            try operations.withLock { operations in
                operations += 1
                let number = UInt16(1 + operations / 60)
                guard number > 1 else { return }
                if operations % 60 == 0 { try rings[0].rotate(to: key(number)) }
                // The second process learns of a key later, until when it misses what is encrypted with it.
                if operations % 60 == 30 {
                    try rings[1].rotate(to: key(number))
                    if number > 4 { for ring in rings { ring.retire(number - 3) } }
                    clock.advance(by: .seconds(1))
                }
            }
        }
    }

    @Test("while keys rotate, eight tasks read and write, and no read fails but with the expected misses")
    func underLoad() async throws {
        let clock = ManualClock()
        let store = DictionaryStore(clock: clock)
        // The rings of two processes, of which one hears of a key later.
        let rings = [try KeyRing([key(1)]), try KeyRing([key(1)])]
        let caches = try rings.map { ring in
            var namespace = texts(ring)
            // All reads go to the store.
            namespace.memory = .entries(1)
            return try CacheSystem(store: store, clock: clock).cache(namespace)
        }
        let rotation = Rotation(rings: rings, clock: clock)
        let wrong = Counter()
        try await withThrowingTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    var random = SplitMix64(seed: UInt64(task))
                    let cache = caches[task % 2]
                    for _ in 0..<480 {
                        try rotation.operate()
                        let key = "\(random.next() % 40)"
                        if random.next() % 4 == 0 {
                            try await cache.setValue("value of \(key)", forKey: key)
                        } else {
                            let value = try await cache.value(forKey: key) { "value of \($0)" }
                            if value != "value of \(key)" { wrong.add() }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(wrong.value == 0)
        for cache in caches {
            let reasons = Set(cache.statistics.undecodable.keys)
            #expect(reasons.isSubset(of: ["unknown encryption key", "retired encryption key"]), "\(reasons)")
        }
        #expect(caches.map(\.statistics.storeHits).reduce(0, +) > 0)
        // What was read with an older key is encrypted anew behind the reader.
        try rings[0].rotate(to: key(100))
        _ = try await caches[0].values(forKeys: (0..<40).map { "\($0)" }) { _ in [:] }
        await until { caches[0].statistics.reencrypted > 0 }
    }
}
