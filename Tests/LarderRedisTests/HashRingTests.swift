import LarderTesting
import Testing

@testable import LarderRedis

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

    @Test("over all nodes, what moves when each of them goes is within a hundredth of the ideal: each key once")
    func movedKeys() {
        let count = 10
        let before = owners(makeRing(count))
        var moved = 0
        for node in 0..<count {
            var ring = makeRing(count)
            ring.eject(node)
            moved += zip(before, owners(ring)).count { $0 != $1 }
        }
        #expect(abs(Double(moved) / Double(Self.keys.count) - 1) <= 0.01, "\(moved) of \(Self.keys.count)")
    }

    @Test("ketama places keys as other clients do")
    func ketama() {
        #expect(MD5.digest(Array("SVa_]_V41)".utf8))[0] == 443_691_461)
        let weights = [600, 300, 200, 350, 1_000, 800, 950, 100]
        let weighted = HashRing(
            weights.enumerated().map { HashRing.Node("10.0.1.\($0 + 1)", weight: $1) },
            placement: .ketama
        )
        #expect(weighted.node(forKey: Array("SVa_]_V41)".utf8)) == 6)
        let known = [5, 7, 5, 3, 6, 5, 4, 2, 0, 3, 5, 4, 5, 6, 4, 0, 1, 7, 6, 5, 5, 2, 4, 0]
        #expect(known.indices.map { weighted.node(forKey: Array("key:\($0)".utf8)) } == known)
        let equal = HashRing((101...104).map { HashRing.Node("192.168.1.\($0):11210") }, placement: .ketama)
        let others = [3, 0, 0, 1, 2, 0, 2, 1, 2, 2, 1, 2, 2, 3, 1, 1, 1, 1, 0, 2, 0, 1, 3, 3]
        #expect(others.indices.map { equal.node(forKey: Array("key:\($0)".utf8)) } == others)
    }

    @Test(
        "MD5 is that of the specification",
        arguments: [
            ("", [0xD98C_1DD4, 0x04B2_008F, 0x9809_80E9, 0x7E42_F8EC] as [UInt32]),
            ("message digest", [0x7D69_6BF9, 0x8D93_B77C, 0x312F_5A52, 0xD061_F1AA]),
            (String(repeating: "1234567890", count: 8), [0xA2F4_ED57, 0x55C9_E32B, 0x2EDA_49AC, 0x7AB6_0721]),
        ]
    )
    func digests(message: String, digest: [UInt32]) {
        #expect(MD5.digest(Array(message.utf8)) == digest)
    }

    @Test("with bounded loads no node has much more to do than the others, and keys stay where there is room")
    func boundedLoads() {
        let ring = makeRing(5)
        var loads = [Int](repeating: 0, count: 5)
        // All ask for the same keys, which unbounded are on few nodes.
        for index in 0..<1_000 {
            let key = Self.keys[index % 3]
            guard let node = ring.node(forKey: key, loads: loads, bound: 1.25) else { continue }
            loads[node] += 1
        }
        #expect(loads.reduce(0, +) == 1_000)
        #expect(loads.allSatisfy { $0 <= 251 }, "\(loads)")
        let idle = [Int](repeating: 0, count: 5)
        for key in Self.keys.prefix(1_000) {
            #expect(ring.node(forKey: key, loads: idle, bound: 1.25) == ring.node(forKey: key))
        }
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
