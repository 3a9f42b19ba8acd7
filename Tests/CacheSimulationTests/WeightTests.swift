import CacheSimulation
import Testing

@Suite struct WeightTests {
    @Test("the sum of weights stays within the capacity, and heavier entries displace several")
    func weights() {
        var policy = LRUPolicy(capacity: 10)
        let hits = [(1, 4), (2, 4), (1, 4), (3, 8)].map { policy.request($0, weight: $1) }
        #expect(hits == [false, false, true, false])
        #expect(policy.weight == 8)
        #expect(policy.count == 1)
    }

    @Test("an entry heavier than the capacity is not stored and displaces nothing")
    func tooHeavy() {
        func check<Policy: WeighingPolicy>(_: Policy.Type) {
            var policy = Policy(capacity: 10)
            let hits = [(1, 10), (2, 11), (2, 11), (1, 10), (3, 0)].map { policy.request($0, weight: $1) }
            #expect(hits == [false, false, false, true, false])
            #expect(policy.weight == 10)
            #expect(policy.count == 2)
        }
        check(FIFOPolicy.self)
        check(LRUPolicy.self)
        check(CLOCKPolicy.self)
        check(SIEVEPolicy.self)
    }

    @Test("a simulation by weight uses the weights of the trace")
    func simulation() {
        let trace = Trace(keys: [1, 2, 1, 3, 1], weights: [5, 5, 5, 6, 5])
        #expect(trace.totalWeight() == 16)
        #expect(Simulation(of: trace, isWeighted: true).run(.lru, capacity: 10).hits == 1)
        #expect(Simulation(of: trace).run(.lru, capacity: 10).hits == 2)
    }

    @Test("a request past the life of its entry is a miss and begins a new life")
    func lifetimes() {
        let trace = Trace(
            keys: [1, 1, 1, 1, 2, 2],
            times: [0, 9, 10, 19, 19, 900],
            timesToLive: [10, 10, 10, 10, 0, 0]
        )
        #expect(Simulation(of: trace).run(.lru, capacity: 10).hits == 3)
    }
}
