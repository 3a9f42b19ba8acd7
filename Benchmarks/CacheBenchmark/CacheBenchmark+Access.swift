import BenchmarkReport
import CAllocationCounter
import Larder
import Logging

extension CacheBenchmark {
    /// Measures what a check of rights adds to a hit: where the rights depend on no key, where they do and are known,
    /// and where they have to be found out.
    static func measureAccess(_ report: Report, _ logger: Logger) async throws {
        let count = 5_000
        let control = AccessControl(
            try AccessPolicy(
                (0..<20).map { .deny("other \($0)", [.write], in: nil) } + [
                    .deny(nil, [.read], in: "numbers", keys: KeyPattern("-*")),
                    .allow("reader", [.read], in: "numbers", keys: KeyPattern("*[0-9]")),
                    .allow("operator", [.inspect], in: "numbers"),
                ]
            )
        )
        let cache = try CacheSystem(access: control, logger: logger)
            .cache(CacheNamespace<Int, Int>.inMemory("numbers", memory: .entries(count)))
        let free = try CacheSystem(
            access: AccessControl(try AccessPolicy([.allow("reader", [.read], in: "numbers")])),
            logger: logger
        )
        .cache(CacheNamespace<Int, Int>.inMemory("numbers", memory: .entries(count)))
        for key in 0..<count {
            try await cache.setValue(key, forKey: key)
            try await free.setValue(key, forKey: key)
        }
        let reader = Principal("ann", roles: ["reader"])
        let (byKey, byRole) = (try cache.scoped(to: reader), try free.scoped(to: reader))
        let keys = Keys(among: count)
        for _ in 0..<7 {
            report.add("unscoped_hit_ns", try await hit(keys, cache))
            report.add("scoped_hit_by_role_ns", try await hit(keys, byRole))
            report.add("scoped_hit_by_key_ns", try await hit(keys, byKey))
            report.add("scoped_view_ns", keys.nanoseconds { $0 &+ ((try? cache.scoped(to: reader)) == nil ? 0 : 1) })
            report.add("access_decision_ns", decision(keys, control.policy, reader))
        }
        let allocations = allocation_counter_read()
        report.keep(Int(try await hit(keys, byKey) + hit(keys, byRole)))
        if allocation_counter_works() == 1 {
            report.expect("scoped_hit_allocations", Double(allocation_counter_read() - allocations), toBe: 0)
        }
    }

    @inline(never)
    private static func hit(_ keys: Keys, _ cache: ScopedCache<Int, Int>) async throws -> Double {
        try await keys.awaitedNanoseconds { keys in
            var sum = 0
            for key in keys { sum &+= try await cache.value(forKey: key) { key in key } }
            return sum
        }
    }

    /// A decision that is not kept, with the key as text.
    @inline(never)
    private static func decision(_ keys: Keys, _ policy: AccessPolicy, _ principal: Principal) -> Double {
        let texts = (0..<5_000).map { Array(String($0).utf8) }
        return keys.nanoseconds {
            policy.decision(for: principal, to: .read, texts[$0], in: "numbers").isAllowed ? 1 : 0
        }
    }
}
