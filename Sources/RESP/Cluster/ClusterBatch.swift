/// Commands on their way through a cluster: where each of them goes next, and what was answered.
///
/// A value without a clock or I/O. In each round the commands that have no answer yet are grouped by server; the
/// answers of the servers are handed in, and tell what to do before the next round.
struct ClusterBatch: Sendable {
    /// A server, and which of its connections: those for reading from replicas say that they may be behind.
    struct Node: Hashable, Sendable {
        var endpoint: RESPEndpoint
        var isReplica = false
    }

    /// Commands for one server.
    struct Request: Sendable {
        var node: Node
        /// Whether the server has to be told that it is asked for a slot that it does not own yet.
        var isAsking: Bool
        /// The places of the commands in the batch.
        var places: [Int]
    }

    /// What to do before the next round.
    struct Verdict: Hashable, Sendable {
        /// Slots that are elsewhere.
        var moves: [Int: RESPEndpoint] = [:]
        /// Whether the servers have to be asked who holds what.
        var isOutdated = false
        /// Whether to wait a little.
        var needsPause = false
    }

    private struct Destination: Hashable {
        var node: Node
        var isAsking = false
    }

    /// The commands, in order.
    let commands: [RESPCommand]
    private let slots: [Int?]
    private let readsFromReplicas: Bool
    private var outcomes: [Result<RESPValue, any Error>?]
    private var detours: [Int: Destination] = [:]
    /// What the last try of a command without an answer came to.
    private var setbacks: [Int: Result<RESPValue, any Error>] = [:]

    init(_ commands: [RESPCommand], readsFromReplicas: Bool = false) {
        self.commands = commands
        self.readsFromReplicas = readsFromReplicas
        slots = commands.map(\.slot)
        outcomes = Array(repeating: nil, count: commands.count)
    }

    /// Groups the commands that have no answer by the servers they go to next.
    ///
    /// - Parameters:
    ///   - topology: Who holds what.
    ///   - turn: A number that differs from call to call, by which commands without a key and reads of replicas are
    ///     spread over servers.
    /// - Returns: One request for each server. A command whose slot nobody holds is in none of them.
    mutating func requests(_ topology: ClusterTopology, turn: Int) -> [Request] {
        var requests: [Request] = []
        var indices: [Destination: Int] = [:]
        for place in commands.indices where outcomes[place] == nil {
            guard let destination = detours.removeValue(forKey: place) ?? destination(of: place, topology, turn) else {
                setbacks[place] = .failure(RESPError.noOwner)
                continue
            }
            if let index = indices[destination] {
                requests[index].places.append(place)
            } else {
                indices[destination] = requests.count
                requests.append(
                    Request(node: destination.node, isAsking: destination.isAsking, places: [place])
                )
            }
        }
        return requests
    }

    private func destination(of place: Int, _ topology: ClusterTopology, _ turn: Int) -> Destination? {
        guard let slot = slots[place] else {
            let primaries = topology.primaries
            return primaries.isEmpty ? nil : Destination(node: Node(endpoint: primaries[turn % primaries.count]))
        }
        guard let shard = topology.shard(ofSlot: slot) else { return nil }
        // A read that a replica failed to answer goes to the primary.
        if readsFromReplicas, commands[place].isForReplicas, setbacks[place] == nil, !shard.replicas.isEmpty {
            let replica = shard.replicas[turn % shard.replicas.count]
            return Destination(node: Node(endpoint: replica, isReplica: true))
        }
        return Destination(node: Node(endpoint: shard.primary))
    }

    /// The replies of all commands; `nil` while some are missing.
    ///
    /// - Throws: The first error that kept a command from being answered.
    func replies() throws -> [RESPValue]? {
        var replies: [RESPValue] = []
        replies.reserveCapacity(outcomes.count)
        for outcome in outcomes {
            guard let reply = try outcome?.get() else { return nil }
            replies.append(reply)
        }
        return replies
    }

    /// Ends the batch: commands without an answer get what their last try came to.
    mutating func giveUp() {
        for place in outcomes.indices where outcomes[place] == nil {
            outcomes[place] = setbacks[place] ?? .failure(RESPError.noOwner)
        }
    }
}

// MARK: - Answers

extension ClusterBatch {
    /// Takes what a server answered.
    ///
    /// - Parameters:
    ///   - result: One reply for each command of the request, or why there is none.
    ///   - request: The request.
    /// - Returns: What to do before the next round.
    mutating func receive(_ result: Result<[RESPValue], any Error>, to request: Request) -> Verdict {
        var verdict = Verdict()
        switch result {
        case .success(let replies) where replies.count == request.places.count:
            for (place, reply) in zip(request.places, replies) { receive(reply, place, request, &verdict) }
        case .success:
            let error = RESPError(.unexpectedReply, "\(request.node.endpoint) left out replies; is it a Redis server?")
            for place in request.places { outcomes[place] = .failure(error) }
        case .failure(let error):
            for place in request.places { fail(error, place, request, &verdict) }
        }
        return verdict
    }

    private mutating func receive(_ reply: RESPValue, _ place: Int, _ request: Request, _ verdict: inout Verdict) {
        guard case .error(let error) = reply,
            let redirection = Redirection(error, from: request.node.endpoint)
        else {
            outcomes[place] = .success(reply)
            return
        }
        setbacks[place] = .success(reply)
        switch redirection {
        case .moved(let slot, let endpoint):
            detours[place] = Destination(node: Node(endpoint: endpoint))
            // A replica that is not asked as such names its primary, which may be known already.
            verdict.moves[slot] = endpoint
            verdict.isOutdated = true
        case .ask(let endpoint):
            detours[place] = Destination(node: Node(endpoint: endpoint), isAsking: true)
        case .tryAgain:
            verdict.needsPause = true
        case .unavailable:
            verdict.isOutdated = true
            // A replica that cannot serve has a primary that can be asked at once.
            if !request.node.isReplica { verdict.needsPause = true }
        }
    }

    private mutating func fail(_ error: any Error, _ place: Int, _ request: Request, _ verdict: inout Verdict) {
        guard let failure = error as? RESPError, canRepeat(after: failure, commands[place], request) else {
            outcomes[place] = .failure(error)
            verdict.isOutdated = verdict.isOutdated || (error as? RESPError)?.code == .timedOut
            return
        }
        setbacks[place] = .failure(error)
        verdict.isOutdated = true
        if !request.node.isReplica { verdict.needsPause = true }
    }

    private func canRepeat(after failure: RESPError, _ command: RESPCommand, _ request: Request) -> Bool {
        switch failure.code {
        // The server has left the cluster, or its role: the command was not sent.
        case .closed: true
        case .connectionLost: command.isRepeatable
        case .timedOut, .overloaded: request.node.isReplica
        default: false
        }
    }
}

extension RESPError {
    static let noOwner = RESPError(
        .connectionFailed,
        "no server of the cluster holds the slot of the key; is the cluster complete?"
    )
}
