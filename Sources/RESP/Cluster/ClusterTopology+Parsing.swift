extension ClusterTopology {
    /// Reads the answer to `CLUSTER SHARDS`, which servers know from version 7 on; `nil` if it is something else.
    ///
    /// - Parameters:
    ///   - reply: The answer.
    ///   - asked: The server that answered; it may leave out its own address.
    ///   - isEncrypted: Whether the ports for encrypted connections are wanted.
    init?(shards reply: RESPValue, from asked: RESPEndpoint, isEncrypted: Bool) {
        guard let entries = reply.elements else { return nil }
        var shards: [Shard] = []
        for entry in entries {
            guard let bounds = entry["slots"]?.elements?.compactMap(\.number),
                let nodes = entry["nodes"]?.elements?.compactMap({ Node($0, asked, isEncrypted) }),
                let slots = Self.ranges(bounds)
            else { return nil }
            // While a failed primary has not come back as a replica, the one that took its place stands beside it.
            let primaries = nodes.filter(\.isPrimary)
            guard let primary = primaries.first(where: \.isOnline) ?? primaries.first else { continue }
            let replicas = nodes.filter { !$0.isPrimary && $0.isOnline }
            shards.append(Shard(primary: primary.endpoint, replicas: replicas.map(\.endpoint), slots: slots))
        }
        self.init(shards)
    }

    /// Reads the answer to `CLUSTER SLOTS`, which older servers know; `nil` if it is something else.
    ///
    /// - Parameters:
    ///   - reply: The answer.
    ///   - asked: The server that answered; it may leave out its own address.
    init?(slots reply: RESPValue, from asked: RESPEndpoint) {
        guard let entries = reply.elements else { return nil }
        var shards: [RESPEndpoint: Shard] = [:]
        for entry in entries {
            guard let parts = entry.elements, parts.count >= 3, let first = parts[0].number,
                let slots = parts[1].number.flatMap({ Self.ranges([first, $0]) })
            else { return nil }
            let servers = parts[2...]
                .compactMap { server -> RESPEndpoint? in
                    guard let parts = server.elements, parts.count >= 2, let port = parts[1].number else { return nil }
                    return RESPEndpoint(host: parts[0].string, port: port, saidBy: asked)
                }
            guard let primary = servers.first else { return nil }
            shards[primary, default: Shard(primary: primary, replicas: Array(servers.dropFirst()), slots: [])]
                .slots += slots
        }
        self.init(
            shards.values.map { shard in
                var shard = shard
                shard.slots.sort { $0.lowerBound < $1.lowerBound }
                return shard
            }
        )
    }

    private static func ranges(_ bounds: [Int]) -> [ClosedRange<Int>]? {
        var ranges: [ClosedRange<Int>] = []
        for index in stride(from: 0, to: bounds.count - 1, by: 2) {
            guard 0 <= bounds[index], bounds[index] <= bounds[index + 1], bounds[index + 1] < KeySlot.count else {
                return nil
            }
            ranges.append(bounds[index]...bounds[index + 1])
        }
        return bounds.count.isMultiple(of: 2) ? ranges : nil
    }

    /// A server in the answer to `CLUSTER SHARDS`.
    private struct Node {
        var endpoint: RESPEndpoint
        var isPrimary: Bool
        var isOnline: Bool

        init?(_ entry: RESPValue, _ asked: RESPEndpoint, _ isEncrypted: Bool) {
            let ports = isEncrypted ? ["tls-port", "port"] : ["port", "tls-port"]
            guard let role = entry["role"]?.string, let port = ports.lazy.compactMap({ entry[$0]?.number }).first,
                let endpoint = RESPEndpoint(host: entry["endpoint"]?.string, port: port, saidBy: asked)
            else { return nil }
            self.endpoint = endpoint
            isPrimary = role == "master"
            // A replica without any writes yet counts as loading; one that is says so when it is asked.
            isOnline = entry["health"]?.string != "fail"
        }
    }
}

extension RESPValue {
    /// An integer, also one that is written as a string.
    fileprivate var number: Int? { integerValue ?? string.flatMap { Int($0) } }
}

extension RESPEndpoint {
    /// An address as a server of a cluster tells it, which leaves out the host if it is the one that was asked.
    init?(host: String?, port: Int, saidBy asked: RESPEndpoint) {
        guard let host, !host.isEmpty, host != "?" else {
            guard case .tcp(let host, _) = asked else { return nil }
            self = .tcp(host: host, port: port)
            return
        }
        self = .tcp(host: host, port: port)
    }
}
