import CacheSimulation
import Testing

@Suite struct PolicyTests {
    @Test("FIFO evicts in the order of arrival, whatever was hit")
    func fifo() {
        #expect(FIFOPolicy(capacity: 2).replaying("abaca") == "--a--")
    }

    @Test("LRU keeps what was asked for last")
    func lru() {
        #expect(LRUPolicy(capacity: 2).replaying("abacab") == "--a-a-")
    }

    @Test("LFU keeps what was asked for most often, and of equals the later one")
    func lfu() {
        #expect(LFUPolicy(capacity: 2).replaying("aabcbca") == "-a----a")
    }

    @Test("CLOCK gives an entry that was hit a second round, as the youngest")
    func clock() {
        // c finds a hit and b not: b leaves. d finds a without a hit: a leaves.
        #expect(CLOCKPolicy(capacity: 3).replaying("abxacbd") == "---a---")
    }

    @Test("SIEVE keeps the place of its hand, and so spares old entries that are hit")
    func sieve() {
        // d passes a, which was hit, and evicts b; e evicts c, where the hand stands; a is still held.
        #expect(SIEVEPolicy(capacity: 3).replaying("abcadeade") == "---a--ade")
    }

    @Test("S3-FIFO keeps entries that were hit twice from a scan")
    func s3FIFO() {
        #expect(S3FIFOPolicy(capacity: 10).replaying("aaa0123456789ABCDEFa") == "-aa----------------a")
    }

    @Test("2Q keeps a key that came back after it left the queue of arrivals from a scan")
    func twoQueue() {
        // The queue of arrivals has room for 2 of 8. a is evicted by the 9th key, comes back, and survives the scan.
        #expect(TwoQueuePolicy(capacity: 8).replaying("abcdefghiaABCDEFGHIJKLa") == "----------------------a")
    }

    @Test("ARC keeps what was asked for twice from a scan")
    func arc() {
        #expect(ARCPolicy(capacity: 4).replaying("aabb0123456789ab") == "-a-b----------ab")
    }

    @Test("LIRS holds a part of a loop that is larger than the capacity, where LRU holds nothing of use")
    func lirs() {
        // 8 of 10 entries stay, 2 serve all others: of a loop over 12 keys the first 8 are hit in each further round.
        var lirs = LIRSPolicy(capacity: 10)
        var lru = LRUPolicy(capacity: 10)
        let loop = Requests.loop(keys: 12, rounds: 5)
        let (lirsHits, lruHits) = (lirs.hits(loop), lru.hits(loop))
        #expect(lirsHits == 8 * 4)
        #expect(lruHits == 0)
    }

    @Test("W-TinyLFU does not let keys that are asked for once displace the popular ones")
    func windowTinyLFU() {
        var policy = WindowTinyLFUPolicy(capacity: 10)
        let popular = Requests.loop(keys: 8, rounds: 5)
        policy.hits(popular)
        policy.hits((100..<200).map { $0 })
        let hits = policy.hits(Array(popular.prefix(8)))
        #expect(hits == 8)
    }

    @Test("Belady's optimum passes by what is asked for last")
    func belady() {
        // With one place: a is passed by for b, b is held, and so on.
        let keys: [UInt64] = [1, 2, 2, 3, 1, 1]
        let next = OptimalPolicy.nextUses(of: keys)
        #expect(next == [4, 2, -1, -1, 5, -1])
        var policy = OptimalPolicy(capacity: 1, requests: keys.count)
        let hits = keys.indices.map { policy.request(at: $0, nextUse: next[$0] < 0 ? nil : next[$0]) }
        #expect(hits == [false, false, true, false, false, true])
    }
}
