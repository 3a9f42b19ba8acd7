import Testing

@testable import RESP

@Suite("Commands on their way through a cluster")
struct ClusterBatchTests {
    // The slots of `foo`, `bar` and `a` are 12,182, 5,061 and 15,495.
    private let topology = ClusterTopology([
        .init(primary: server(1), replicas: [server(3), server(4)], slots: [0...8_191]),
        .init(primary: server(2), replicas: [], slots: [8_192...16_383]),
    ])
    private let commands = [RESPCommand("GET", "foo"), RESPCommand("GET", "bar"), RESPCommand("GET", "a")]

    private static func server(_ port: Int) -> RESPEndpoint { .tcp(host: "10.0.0.1", port: port) }

    private func error(_ message: String) -> RESPValue { .error(RESPServerError(message: message)) }

    @Test("each server gets its commands in one piece, and the replies are joined in the order of the commands")
    func joining() throws {
        var batch = ClusterBatch(commands)
        let requests = batch.requests(topology, turn: 0)
        #expect(requests.map(\.node.endpoint) == [Self.server(2), Self.server(1)])
        #expect(requests.map(\.places) == [[0, 2], [1]])
        #expect(batch.receive(.success([.text("bar's")]), to: requests[1]) == .init())
        #expect(try batch.replies() == nil)
        #expect(batch.receive(.success([.text("foo's"), .text("a's")]), to: requests[0]) == .init())
        #expect(try batch.replies() == [.text("foo's"), .text("bar's"), .text("a's")])
    }

    @Test(
        "a command whose slot has moved goes where the server says, and later ones too; the others keep their answers"
    )
    func moved() throws {
        var batch = ClusterBatch(commands)
        let requests = batch.requests(topology, turn: 0)
        let verdict = batch.receive(.success([error("MOVED 12182 10.0.0.1:9"), .null]), to: requests[0])
        #expect(verdict == .init(moves: [12_182: Self.server(9)], isOutdated: true, needsPause: false))
        _ = batch.receive(.success([.null]), to: requests[1])
        let again = batch.requests(topology, turn: 0)
        #expect(again.map(\.node.endpoint) == [Self.server(9)])
        #expect(again.map(\.places) == [[0]])
        #expect(again.map(\.isAsking) == [false])
        _ = batch.receive(.success([.text("foo's")]), to: again[0])
        #expect(try batch.replies() == [.text("foo's"), .null, .null])
    }

    @Test("a command for a key that has moved already asks there once, and the slot stays where it is")
    func ask() {
        var batch = ClusterBatch([commands[1]])
        let request = batch.requests(topology, turn: 0)[0]
        #expect(batch.receive(.success([error("ASK 5061 10.0.0.1:2")]), to: request) == .init())
        let asking = batch.requests(topology, turn: 0)[0]
        #expect(asking.node.endpoint == Self.server(2))
        #expect(asking.isAsking)
        // Refused there as well, it begins anew.
        #expect(batch.receive(.success([error("TRYAGAIN")]), to: asking).needsPause)
        #expect(batch.requests(topology, turn: 0)[0].node.endpoint == Self.server(1))
    }

    @Test(
        "a cluster that cannot serve is asked again after a pause",
        arguments: ["CLUSTERDOWN The cluster is down", "LOADING", "READONLY You can't write", "TRYAGAIN Multiple keys"]
    )
    func pauses(message: String) throws {
        var batch = ClusterBatch([commands[1]])
        let request = batch.requests(topology, turn: 0)[0]
        let verdict = batch.receive(.success([error(message)]), to: request)
        #expect(verdict.needsPause)
        #expect(verdict.isOutdated == !message.hasPrefix("TRYAGAIN"))
        #expect(try batch.replies() == nil)
        batch.giveUp()
        #expect(try batch.replies() == [error(message)])
    }

    @Test("other errors are answers", arguments: ["ERR", "WRONGTYPE", "MOVED 1", "MOVED 99999 a:1", "ASK 1 a:b"])
    func answers(message: String) throws {
        var batch = ClusterBatch([commands[1]])
        let request = batch.requests(topology, turn: 0)[0]
        #expect(batch.receive(.success([error(message)]), to: request) == .init())
        #expect(try batch.replies() == [error(message)])
    }

    @Test("when a connection breaks, repeatable commands are sent again, and the others are not")
    func brokenConnections() {
        for isRepeatable in [true, false] {
            var batch = ClusterBatch([RESPCommand("SET", "bar", "1", isRepeatable: isRepeatable)])
            let request = batch.requests(topology, turn: 0)[0]
            let verdict = batch.receive(.failure(RESPError(.connectionLost, "")), to: request)
            #expect(verdict.needsPause == isRepeatable)
            #expect(batch.requests(topology, turn: 0).isEmpty == !isRepeatable)
        }
        // A connection that was closed because its server lost its role has not sent what waited.
        var batch = ClusterBatch([RESPCommand("INCR", "bar")])
        let request = batch.requests(topology, turn: 0)[0]
        #expect(batch.receive(.failure(RESPError(.closed, "")), to: request).isOutdated)
        #expect(batch.requests(topology, turn: 0).count == 1)
    }

    @Test("a call that was too slow fails, and has the servers asked")
    func timeouts() {
        var batch = ClusterBatch([commands[1]])
        let request = batch.requests(topology, turn: 0)[0]
        #expect(batch.receive(.failure(RESPError(.timedOut, "")), to: request) == .init(isOutdated: true))
        #expect(throws: RESPError.self) { try batch.replies() }
    }

    @Test("replicas answer in turn what may be behind, and nothing else; when one fails, the primary answers")
    func replicas() {
        var read = RESPCommand("GET", "bar", isRepeatable: true)
        read.isForReplicas = true
        var batch = ClusterBatch([read, RESPCommand("GET", "bar")], readsFromReplicas: true)
        let requests = batch.requests(topology, turn: 1)
        #expect(requests.map(\.node.endpoint) == [Self.server(4), Self.server(1)])
        #expect(requests.map(\.node.isReplica) == [true, false])
        let verdict = batch.receive(.failure(RESPError(.timedOut, "")), to: requests[0])
        #expect(!verdict.needsPause)
        #expect(batch.requests(topology, turn: 1).map(\.node.endpoint) == [Self.server(1)])
        var primaries = ClusterBatch([read])
        #expect(primaries.requests(topology, turn: 0).map(\.node.endpoint) == [Self.server(1)])
    }

    @Test("commands without a key go to the primaries in turn; those of a slot that nobody holds go nowhere")
    func others() throws {
        var batch = ClusterBatch([RESPCommand("PING"), RESPCommand("GET", "foo")])
        let half = ClusterTopology([.init(primary: Self.server(1), replicas: [], slots: [0...8_191])])
        #expect(batch.requests(half, turn: 3).map(\.places) == [[0]])
        batch.giveUp()
        #expect(throws: RESPError.self) { try batch.replies() }
        let both = (0..<4)
            .map { turn in
                var batch = ClusterBatch([RESPCommand("PING")])
                return batch.requests(topology, turn: turn)[0].node.endpoint
            }
        #expect(both == [1, 2, 1, 2].map(Self.server))
    }

    @Test("an address without a host is that of the server that tells it")
    func ownHost() {
        let asked = RESPEndpoint.tcp(host: "::1", port: 1)
        let error = RESPServerError(message: "MOVED 7 :6381")
        #expect(Redirection(error, from: asked) == .moved(slot: 7, to: .tcp(host: "::1", port: 6_381)))
        let full = RESPServerError(message: "ASK 7 ::2:6381")
        #expect(Redirection(full, from: asked) == .ask(.tcp(host: "::2", port: 6_381)))
    }
}
