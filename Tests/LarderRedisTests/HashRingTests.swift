import LarderRedis
import LarderTesting
import Testing

@Suite("Consistent hashing")
struct HashRingTests {
    private static let keys = (0..<100_000).map { Array("key:\($0)".utf8) }

    private func owners(_ ring: HashRing) -> [Int?] { Self.keys.map { ring.node(forKey: $0) } }

    private func makeRing(_ count: Int) -> HashRing { HashRing((0..<count).map { HashRing.Node("node-\($0)") }) }

    @Test("the hash is the same for ever")
    func stability() {
        #expect(HashRing.hash([]) == 0xEFD0_1F60_BA99_2926)
        #expect(HashRing.hash(Array("larder".utf8)) == 0x0B35_048D_DE28_C8C7)
        let ring = makeRing(5)
        #expect(["a", "b", "user:1", "user:2"].map { ring.node(forKey: Array($0.utf8)) } == [3, 2, 0, 2])
    }

    @Test("nodes of equal weight get about equal shares, and a heavy one more")
    func shares() {
        let ring = HashRing([HashRing.Node("a"), HashRing.Node("b"), HashRing.Node("c", weight: 2)])
        let counts = owners(ring).reduce(into: [0, 0, 0]) { counts, owner in owner.map { counts[$0] += 1 } }
        for (count, share) in zip(counts, [0.25, 0.25, 0.5]) {
            #expect(abs(Double(count) / Double(Self.keys.count) - share) < share * 0.2, "\(counts)")
        }
    }

    @Test("when a node goes its keys move, and no other key does; when it returns they come back")
    func ejection() {
        var ring = makeRing(8)
        let before = owners(ring)
        ring.eject(3)
        let during = owners(ring)
        #expect(zip(before, during).allSatisfy { $0 == 3 ? $1 != 3 && $1 != nil : $0 == $1 })
        let takers = Set(zip(before, during).filter { $0.0 == 3 }.map(\.1))
        #expect(takers.count == 7)
        ring.readmit(3)
        #expect(owners(ring) == before)
    }

    @Test("a new node takes its share from all others, and moves nothing between them")
    func growth() {
        let before = owners(makeRing(8))
        let after = owners(makeRing(9))
        let moved = zip(before, after).filter { $0 != $1 }
        #expect(moved.allSatisfy { $0.1 == 8 })
        #expect(Set(moved.map(\.0)).count == 8)
    }

    @Test("the order in which nodes are named does not matter")
    func order() {
        let one = HashRing(["a", "b", "c"].map { HashRing.Node($0) })
        let two = HashRing(["c", "a", "b"].map { HashRing.Node($0) })
        for key in Self.keys.prefix(10_000) {
            let owner = one.node(forKey: key).map { one.nodes[$0].name }
            #expect(owner == two.node(forKey: key).map { two.nodes[$0].name })
        }
    }

    @Test("a ring whose nodes are all ejected, or that has none, owns nothing")
    func emptyRings() {
        #expect(HashRing([]).node(forKey: [1]) == nil)
        var ring = makeRing(2)
        ring.eject(0)
        ring.eject(1)
        #expect(ring.node(forKey: [1]) == nil)
    }
}
