import Testing

@testable import RESP

@Suite("What is known of a cluster")
struct ClusterTopologyTests {
    private let asked = RESPEndpoint.tcp(host: "10.0.0.9", port: 7_000)

    private func server(_ port: Int) -> RESPEndpoint { .tcp(host: "10.0.0.1", port: port) }

    private func node(_ port: Int, _ role: String, health: String = "online", host: String? = "10.0.0.1") -> RESPValue {
        .map([
            RESPPair(key: .text("id"), value: .text("node-\(port)")),
            RESPPair(key: .text("port"), value: .integer(port)),
            RESPPair(key: .text("tls-port"), value: .integer(port + 10)),
            RESPPair(key: .text("endpoint"), value: host.map { .text($0) } ?? .null),
            RESPPair(key: .text("role"), value: .text(role)),
            RESPPair(key: .text("health"), value: .text(health)),
        ])
    }

    private func shard(_ bounds: [Int], _ nodes: [RESPValue]) -> RESPValue {
        .map([
            RESPPair(key: .text("slots"), value: .array(bounds.map { .integer($0) })),
            RESPPair(key: .text("nodes"), value: .array(nodes)),
        ])
    }

    @Test("CLUSTER SHARDS is read: slots, primaries, replicas that are online")
    func shards() throws {
        let reply = RESPValue.array([
            shard([100, 16_383], [node(2, "master")]),
            shard([0, 9, 20, 99], [node(3, "replica"), node(4, "replica", health: "fail"), node(1, "master")]),
            shard([], [node(5, "master")]),
        ])
        let topology = try #require(ClusterTopology(shards: reply, from: asked, isEncrypted: false))
        #expect(topology.primaries == [server(1), server(2)])
        #expect(topology.shard(ofSlot: 20)?.primary == server(1))
        #expect(topology.shard(ofSlot: 20)?.replicas == [server(3)])
        #expect(topology.shard(ofSlot: 15) == nil)
        #expect(topology.shard(ofSlot: 16_383)?.primary == server(2))
        #expect(!topology.isComplete)
        #expect(topology.endpoints == [server(1), server(2), server(3)])
    }

    @Test("after a failover the primary that is online counts, not the one that failed")
    func failedPrimary() throws {
        let reply = RESPValue.array([shard([0, 16_383], [node(1, "master", health: "fail"), node(2, "master")])])
        let topology = try #require(ClusterTopology(shards: reply, from: asked, isEncrypted: false))
        #expect(topology.primaries == [server(2)])
        #expect(topology.isComplete)
    }

    @Test("ports for encrypted connections are taken where they are wanted, the host that was asked where none is told")
    func addresses() throws {
        let reply = RESPValue.array([shard([0, 16_383], [node(1, "master", host: nil)])])
        let topology = try #require(ClusterTopology(shards: reply, from: asked, isEncrypted: true))
        #expect(topology.primaries == [.tcp(host: "10.0.0.9", port: 11)])
    }

    @Test("CLUSTER SLOTS of older servers says the same")
    func slots() throws {
        func entry(_ first: Int, _ last: Int, _ ports: [Int]) -> RESPValue {
            .array(
                [.integer(first), .integer(last)]
                    + ports.map { .array([.text("10.0.0.1"), .integer($0), .text("id")]) }
            )
        }
        let old = ClusterTopology(
            slots: .array([entry(100, 16_383, [2]), entry(20, 99, [1, 3]), entry(0, 9, [1, 3])]),
            from: asked
        )
        let new = ClusterTopology(
            shards: .array([
                shard([0, 9, 20, 99], [node(1, "master"), node(3, "replica")]),
                shard([100, 16_383], [node(2, "master")]),
            ]),
            from: asked,
            isEncrypted: false
        )
        #expect(old == new)
        #expect(old != nil)
    }

    @Test(
        "anything else is refused",
        arguments: [
            RESPValue.null, .text("OK"), .error(RESPServerError(message: "ERR")), .array([.integer(1)]),
            .array([.array([.integer(5), .integer(16_384), .array([.text("a"), .integer(1)])])]),
            .array([.array([.integer(5), .integer(4), .array([.text("a"), .integer(1)])])]),
        ]
    )
    func garbage(reply: RESPValue) {
        #expect(ClusterTopology(slots: reply, from: asked) == nil)
        #expect(ClusterTopology(shards: reply, from: asked, isEncrypted: false) == nil)
    }

    @Test("a slot that is elsewhere is noted, at a known server and at a new one, and no other slot moves")
    func moves() {
        var topology = ClusterTopology([
            .init(primary: server(1), replicas: [], slots: [0...8_191]),
            .init(primary: server(2), replicas: [], slots: [8_192...16_383]),
        ])
        topology.move(slot: 5, to: server(2))
        topology.move(slot: 6, to: server(7))
        #expect(
            [4, 5, 6, 7].map { topology.shard(ofSlot: $0)?.primary } == [server(1), server(2), server(7), server(1)]
        )
        #expect(topology.primaries == [server(1), server(2), server(7)])
    }

    @Test("servers agree when they name the same primaries, whatever they say of replicas")
    func agreement() {
        let one = ClusterTopology([.init(primary: server(1), replicas: [server(3)], slots: [0...9, 20...29])])
        let two = ClusterTopology([.init(primary: server(1), replicas: [], slots: [0...9, 20...29])])
        let three = ClusterTopology([.init(primary: server(3), replicas: [server(1)], slots: [0...9, 20...29])])
        #expect(one != two)
        #expect(one.assignment == two.assignment)
        #expect(one.assignment == [0...9: server(1), 20...29: server(1)])
        #expect(one.assignment != three.assignment)
    }

    @Test("more than half of those who were asked decide; without that most of them lead, and a tie leads nowhere")
    func elections() {
        var election = Election<Int>(voters: 5)
        #expect(election.leader == nil)
        for vote in [1, 2] { election.receive(vote) }
        #expect(election.leader == nil)
        election.receive(2)
        #expect(election.leader == 2)
        #expect(!election.isDecided)
        election.receive(2)
        #expect(election.isDecided)
    }
}
