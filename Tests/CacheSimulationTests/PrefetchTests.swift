import CacheSimulation
import LarderTesting
import Testing

@Suite struct PrefetchTests {
    private let seed = UInt64.random(in: .min ... .max)

    /// Keys at random, the low ones more often.
    private func noise(_ count: Int, keys: Int) -> Trace {
        var random = SplitMix64(seed: seed)
        let requests = (0..<count)
            .map { _ in UInt64.random(in: 0..<UInt64.random(in: 1...UInt64(keys), using: &random), using: &random) }
        return Trace(keys: requests)
    }

    @Test(
        "without loads ahead there are as many hits as in a simulation of the policy",
        arguments: PrefetchSimulation.policies
    )
    func agreement(policy: PolicyName) {
        let trace = noise(20_000, keys: 500)
        let result = PrefetchSimulation(of: trace).run(policy, capacity: 50, .none)
        #expect(result.hits == Simulation(of: trace).run(policy, capacity: 50).hits, "seed \(seed)")
        #expect(result.loads == result.requests - result.hits)
        var aging = trace
        aging.times = Array(0..<20_000)
        aging.timesToLive = Array(repeating: 400, count: 20_000)
        let aged = PrefetchSimulation(of: aging).run(policy, capacity: 50, .none)
        #expect(aged.hits == Simulation(of: aging).run(policy, capacity: 50).hits, "seed \(seed)")
        let told = PrefetchSimulation(of: trace, rules: PrefetchRules(timeToLive: 400)).run(policy, capacity: 50, .none)
        #expect(told.hits == aged.hits)
    }

    @Test("keys that come back at their intervals are hits when they are predicted, with few loads that nobody used")
    func rhythm() {
        // Each of 100 keys every 200 requests or so, among many that come once.
        var keys: [UInt64] = []
        for _ in 0..<200 {
            for key in 0..<100 as Range<UInt64> { keys += [key, 10_000 + UInt64(keys.count)] }
        }
        let simulation = PrefetchSimulation(of: Trace(keys: keys), rules: PrefetchRules(timeToLive: 120))
        let none = simulation.run(.lru, capacity: 1_000, .none)
        let predicted = simulation.run(.lru, capacity: 1_000, .predicted)
        #expect(none.hits < 1_000)
        #expect(predicted.hitRatio > none.hitRatio + 0.4)
        #expect(predicted.precision > 0.95)
        #expect(predicted.loadsPerAvoidedMiss < 1.1)
        #expect(Double(predicted.loads) < 1.01 * Double(none.loads))
    }

    @Test("where nothing can be predicted next to nothing is loaded, and the mean interval loads much")
    func unpredictable() {
        var random = SplitMix64(seed: seed)
        let trace = Trace(keys: (0..<50_000).map { _ in .random(in: 0..<5_000, using: &random) })
        let simulation = PrefetchSimulation(of: trace, rules: PrefetchRules(timeToLive: 500))
        let none = simulation.run(.larder, capacity: 1_000, .none)
        let predicted = simulation.run(.larder, capacity: 1_000, .predicted)
        let naive = simulation.run(.larder, capacity: 1_000, .meanInterval)
        #expect(Double(predicted.loads) < 1.02 * Double(none.loads), "seed \(seed)")
        #expect(Double(naive.loads) > 1.1 * Double(none.loads))
    }

    @Test("no more is loaded ahead than the budget allows")
    func budget() {
        let keys = (0..<40_000).map { UInt64($0 % 200) }
        let rules = PrefetchRules(timeToLive: 150, budget: 0.1)
        let result = PrefetchSimulation(of: Trace(keys: keys), rules: rules).run(.lru, capacity: 400, .predicted)
        #expect(result.ahead > 1_000)
        #expect(result.ahead <= 4_001)
    }
}
