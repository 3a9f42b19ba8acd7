import CacheSimulation
import Testing

@Suite struct InvariantTests {
    private static let seed = UInt64.random(in: 0..<1_000_000)

    @Test("no policy ever holds more entries than its capacity", arguments: [1, 2, 3, 100])
    func capacity(_ capacity: Int) {
        func check<Policy: EvictionPolicy>(_: Policy.Type) {
            for (kind, keys) in Requests.kinds(seed: Self.seed) {
                var policy = Policy(capacity: capacity)
                var most = 0
                for key in keys {
                    _ = policy.request(key)
                    most = max(most, policy.count)
                }
                #expect(most <= capacity, "\(Policy.self) with the kind \(kind) and the seed \(Self.seed)")
                #expect(most >= min(capacity, 2) - 1, "\(Policy.self) with the kind \(kind) and the seed \(Self.seed)")
            }
        }
        check(FIFOPolicy.self)
        check(LRUPolicy.self)
        check(LFUPolicy.self)
        check(CLOCKPolicy.self)
        check(SIEVEPolicy.self)
        check(S3FIFOPolicy.self)
        check(TwoQueuePolicy.self)
        check(ARCPolicy.self)
        check(LIRSPolicy.self)
        check(WindowTinyLFUPolicy.self)
        check(LarderPolicy.self)
    }

    @Test("a cache that was asked for a key a moment ago still has it", arguments: PolicyName.allCases)
    func immediateRepetition(_ name: PolicyName) {
        // 20 entries of which none ever has to leave: every second request is a hit.
        let keys = (0..<2_000).map { UInt64($0 / 2 % 20) }
        let result = Simulation(of: Trace(keys: keys)).run(name, capacity: 20)
        #expect(result.hits == 2_000 - 20)
    }

    @Test("no policy has more hits than Belady's optimum", arguments: PolicyName.allCases)
    func optimum(_ name: PolicyName) {
        for (kind, keys) in Requests.kinds(seed: Self.seed) {
            let simulation = Simulation(of: Trace(keys: keys))
            for capacity in [1, 5, 150] {
                let hits = simulation.run(name, capacity: capacity).hits
                let most = simulation.run(.belady, capacity: capacity).hits
                #expect(hits <= most, "\(name) with \(capacity), the kind \(kind), and the seed \(Self.seed)")
            }
        }
    }

    @Test("a larger LRU or optimal cache never has fewer hits", arguments: [PolicyName.lru, .belady])
    func stackProperty(_ name: PolicyName) {
        for (kind, keys) in Requests.kinds(seed: Self.seed) {
            let simulation = Simulation(of: Trace(keys: keys))
            let hits = [1, 2, 10, 50, 199, 200].map { simulation.run(name, capacity: $0).hits }
            #expect(hits == hits.sorted(), "the kind \(kind) and the seed \(Self.seed)")
        }
    }

    @Test("with room for all keys every policy misses each key once", arguments: PolicyName.allCases)
    func infinite(_ name: PolicyName) {
        for (kind, keys) in Requests.kinds(seed: Self.seed) {
            let result = Simulation(of: Trace(keys: keys)).run(name, capacity: 10_000)
            #expect(result.hits == keys.count - Set(keys).count, "the kind \(kind) and the seed \(Self.seed)")
        }
    }

    @Test("Larder's policy comes close to the optimum on every kind of trace, where the simple policies do not")
    func comparison() {
        // The worst share of the optimum's hits over the kinds. LRU gets nothing of a loop.
        var worst: [PolicyName: Double] = [:]
        for (_, keys) in Requests.kinds(seed: 3) {
            let simulation = Simulation(of: Trace(keys: keys))
            let most = Double(simulation.run(.belady, capacity: 100).hits)
            for name in [PolicyName.larder, .lru, .sieve, .s3FIFO, .arc] {
                worst[name] = min(worst[name] ?? 1, Double(simulation.run(name, capacity: 100).hits) / most)
            }
        }
        #expect(worst[.larder, default: 0] > 0.75)
        for name in [PolicyName.lru, .sieve, .s3FIFO, .arc] { #expect(worst[name, default: 1] < 0.5) }
    }
}
