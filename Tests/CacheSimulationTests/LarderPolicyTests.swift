import CacheSimulation
import Testing

@Suite struct LarderPolicyTests {
    @Test("a full cache admits a key that comes back, and keeps what is hit")
    func admission() {
        // The window has room for 1 of 3; a and b go to the main space as the cache fills. d, e and f push c, d and e out
        // of the window: none has been seen before, so none takes the place of b, the first without a hit. a and b are
        // hit, and b is known to have come twice. c comes back in vain as long as it left no more than twice before; the
        // next time it takes the place of b.
        #expect(LarderPolicy(capacity: 3).replaying("abcadefabcxcxcxacb") == "---a---ab------ac-")
    }

    @Test("keys that are asked for once do not displace the popular ones")
    func scan() {
        var policy = LarderPolicy(capacity: 100)
        policy.hits(Requests.loop(keys: 90, rounds: 5))
        policy.hits((1_000..<2_000).map { $0 })
        // The few that were in the window when the scan began may have gone.
        let hits = policy.hits(Requests.loop(keys: 90, rounds: 1))
        #expect(hits >= 80)
    }

    @Test("a loop a little larger than the capacity is held for the most part")
    func loop() {
        var policy = LarderPolicy(capacity: 900)
        let hits = policy.hits(Requests.loop(keys: 1_000, rounds: 40))
        #expect(hits > 33_000)
    }

    @Test("the window grows when keys are asked for shortly after each other and then never again")
    func window() {
        var policy = LarderPolicy(capacity: 1_000)
        let before = policy.windowCapacity
        // Each key comes three times, with some 90 others in between.
        for key in UInt64(0)..<20_000 {
            for age in [UInt64(0), 30, 60] where key >= age { _ = policy.request(key - age) }
        }
        #expect(before == 46)
        #expect(policy.windowCapacity > 150)
    }

    @Test("the model is the one that the rules were measured with")
    func figures() {
        // Any change of a constant or of an order of steps changes these numbers.
        var requests = Requests(seed: 1)
        let keys = requests.zipf(keys: 2_000, count: 30_000) + Requests.loop(keys: 700, rounds: 20)
        var hits: [Int] = []
        for capacity in [1, 2, 10, 100, 600] {
            var policy = LarderPolicy(capacity: capacity)
            hits.append(policy.hits(keys))
        }
        #expect(hits == [771, 3_844, 10_224, 20_564, 35_750])
    }
}
