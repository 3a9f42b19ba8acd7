import Logging
import NIOConcurrencyHelpers

/// Finding out who holds what.
extension RESPCluster {
    /// What is known of the cluster, and a number that differs from call to call.
    ///
    /// Waits for the first answer of a server until a moment.
    func topology(until end: ContinuousClock.Instant) async throws -> (topology: ClusterTopology, turn: Int) {
        while true {
            let (topology, turn, isClosed) = state.withLockedValue { state in
                state.turn = (state.turn &+ 1) & .max
                return (state.topology, state.turn, state.isClosed)
            }
            if isClosed { throw RESPError.clusterClosed }
            if let topology { return (topology, turn) }
            guard ContinuousClock.now < end else { throw RESPError.unknownCluster }
            try Task.checkCancellation()
            await currentRefresh()?.value
        }
    }

    /// Asks the servers again, unless they are being asked.
    func refreshSoon() {
        _ = currentRefresh()
    }

    private func currentRefresh() -> Task<Void, Never>? {
        state.withLockedValue { state in
            if state.isClosed { return nil }
            if let refresh = state.refresh { return refresh }
            let wait = state.nextRefresh - .now
            let refresh = Task { [weak self] in
                // Who finds out that nothing has changed yet asks again, but not all the time.
                if wait > .zero { try? await Task.sleep(for: wait) }
                await self?.askServers()
                self?.state
                    .withLockedValue { state in
                        state.refresh = nil
                        state.nextRefresh = .now + .milliseconds(20)
                    }
            }
            state.refresh = refresh
            return refresh
        }
    }

    // MARK: One round

    private func askServers() async {
        let known = state.withLockedValue { $0.topology }
        let servers = known?.endpoints ?? []
        let seeds = Set([configuration.endpoint] + options.seeds)
        var answer = await ask(servers)
        if answer == nil { answer = await ask(seeds) }
        guard let answer else { return }
        adopt(answer)
        // Those who were asked first may know others, who have to agree.
        if known == nil, let answer = await ask(answer.endpoints) { adopt(answer) }
    }

    private func adopt(_ topology: ClusterTopology) {
        let retired = state.withLockedValue { state -> [RESPConnection] in
            if let known = state.topology, known.assignment != topology.assignment {
                logger.info("The cluster changed", metadata: ["primaries": "\(topology.primaries)"])
            }
            state.topology = topology
            return state.removeConnections(notIn: topology)
        }
        // What waits in them for a connection fails with the code `closed`, and is sent to the new primary.
        for connection in retired { Task { await connection.close() } }
    }

    /// Asks some of the servers, at most as many as have a vote, and for a short time only.
    private func ask(_ servers: Set<RESPEndpoint>) async -> ClusterTopology? {
        let voters = servers.shuffled().prefix(options.voters)
        var election = Election<[ClosedRange<Int>: RESPEndpoint]>(voters: voters.count)
        var answers: [[ClosedRange<Int>: RESPEndpoint]: ClusterTopology] = [:]
        await withTaskGroup(of: ClusterTopology??.self) { group in
            for voter in voters { group.addTask { .some(await self.topology(by: voter)) } }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(500))
                return nil
            }
            var left = voters.count
            while left > 0, !election.isDecided, let answer = await group.next(), let answer {
                left -= 1
                guard let answer, !answer.shards.isEmpty else { continue }
                election.receive(answer.assignment)
                answers[answer.assignment] = answer
            }
            group.cancelAll()
        }
        return election.leader.flatMap { answers[$0] }
    }

    /// What one server says.
    private func topology(by server: RESPEndpoint) async -> ClusterTopology? {
        guard let connection = try? connection(to: ClusterBatch.Node(endpoint: server)) else { return nil }
        let isEncrypted = configuration.tls != nil
        if let reply = try? await connection.executeOnce([RESPCommand("CLUSTER", "SHARDS")]).first,
            let topology = ClusterTopology(shards: reply, from: server, isEncrypted: isEncrypted)
        {
            return topology
        }
        guard !Task.isCancelled,
            let reply = try? await connection.executeOnce([RESPCommand("CLUSTER", "SLOTS")]).first
        else { return nil }
        return ClusterTopology(slots: reply, from: server)
    }
}

extension RESPCluster.State {
    /// Takes out the connections to servers that have left the cluster, or that take no writes any more.
    mutating func removeConnections(notIn topology: ClusterTopology) -> [RESPConnection] {
        let primaries = Set(topology.primaries)
        let servers = topology.endpoints
        let retired = connections.filter { node, _ in
            !servers.contains(node.endpoint) || node.isReplica && primaries.contains(node.endpoint)
        }
        for node in retired.keys { connections[node] = nil }
        return Array(retired.values)
    }
}

extension RESPError {
    static let unknownCluster = RESPError(
        .connectionFailed,
        "no server of the cluster says who holds what; are the servers there, and is cluster-enabled set?"
    )
}
