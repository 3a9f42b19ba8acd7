public import Logging
import NIOConcurrencyHelpers
public import NIOCore

/// The client of a cluster, which any number of tasks share.
///
/// It has one ``RESPConnection`` to each server that it needs, and knows which server holds which of the 16,384 slots of
/// keys: from `CLUSTER SHARDS`, or `CLUSTER SLOTS` where servers are older than version 7, as more than half of the
/// servers that are asked say it. They are asked again when a server says that a slot is elsewhere, when a connection
/// breaks or a call times out, and now and then without a reason.
///
/// | answer of a server | what happens |
/// |---|---|
/// | `MOVED` | the command goes to the server that was named, and so do later ones of that slot |
/// | `ASK` | the command goes there after `ASKING`, in one piece; later ones do not |
/// | `TRYAGAIN`, `CLUSTERDOWN`, `LOADING`, `READONLY` | the command is sent again after a pause, within the timeout |
/// | none, the connection broke | so are repeatable commands |
///
/// While a primary is gone its calls wait, and go to the replica that takes its place as soon as the other servers name
/// it.
///
/// ```swift
/// let cluster = try RESPCluster(RESPConfiguration(url: "redis://10.0.0.1:7000"))
/// let reply = try await cluster.execute(RESPCommand("GET", "greeting"))
/// await cluster.close()
/// ```
public final class RESPCluster: RESPClient {
    struct State {
        var topology: ClusterTopology?
        var connections: [ClusterBatch.Node: RESPConnection] = [:]
        var refresh: Task<Void, Never>?
        /// When the servers may be asked again.
        var nextRefresh = ContinuousClock.now
        var turn = 0
        var isClosed = false
    }

    let configuration: RESPConfiguration
    let options: RESPClusterOptions
    let state = NIOLockedValueBox(State())
    let group: (any EventLoopGroup)?
    let logger: Logger
    private let clockwork = NIOLockedValueBox<Task<Void, Never>?>(nil)

    /// Begins to ask the servers who holds what, and returns without waiting for it.
    ///
    /// - Parameters:
    ///   - configuration: A server to ask first, and how each server of the cluster is reached.
    ///   - options: Further servers to ask first, and the bounds.
    ///   - group: The event loops; `nil` is NIO's own group.
    ///   - logger: Where the client tells of connections, and of changes of the cluster.
    /// - Throws: ``RESPError`` with the code `invalidConfiguration`.
    public init(
        _ configuration: RESPConfiguration,
        options: RESPClusterOptions = RESPClusterOptions(),
        group: (any EventLoopGroup)? = nil,
        logger: Logger = .current
    ) throws(RESPError) {
        try configuration.validate()
        try options.validate()
        guard case .tcp = configuration.endpoint, configuration.database == 0 else {
            throw RESPError(.invalidConfiguration, "a cluster is reached over TCP, and has the database 0 alone")
        }
        self.configuration = configuration
        self.options = options
        self.group = group
        self.logger = logger
        let interval = options.refreshInterval
        clockwork.withLockedValue { clockwork in
            clockwork = Task { [weak self] in
                repeat { self?.refreshSoon() } while (try? await Task.sleep(for: interval)) != nil
            }
        }
    }

    deinit {
        clockwork.withLockedValue { $0 }?.cancel()
    }

    /// Takes no more calls, waits until those that were sent have ended, and disconnects.
    public func close() async {
        clockwork.withLockedValue { $0 }?.cancel()
        let (connections, refresh) = state.withLockedValue { state in
            defer { state.connections = [:] }
            state.isClosed = true
            return (state.connections.values.map(\.self), state.refresh)
        }
        refresh?.cancel()
        await withTaskGroup(of: Void.self) { group in
            for connection in connections { group.addTask { await connection.close() } }
        }
    }

    /// Makes another client of the same cluster, with connections of its own.
    ///
    /// - Parameter timeout: How long its calls may take, more than zero: for commands that block, longer than they do;
    ///   `nil` is as long as this one's.
    /// - Returns: The client.
    /// - Throws: ``RESPError`` with the code `invalidConfiguration`.
    public func dedicated(timeout: Duration? = nil) throws(RESPError) -> RESPCluster {
        var configuration = configuration
        configuration.timeout = timeout ?? configuration.timeout
        var options = options
        options.seeds += state.withLockedValue { $0.topology?.primaries ?? [] }
        return try RESPCluster(configuration, options: options, group: group, logger: logger)
    }
}

extension RESPCluster {
    /// Makes a subscriber that connects to any primary of the cluster, which passes on what is published on the others,
    /// and to another one if that is lost.
    public func subscriber(channels: [String], patterns: [String] = []) throws(RESPError) -> RESPSubscriber {
        var configuration = configuration
        configuration.anyServer = { [weak self] in
            self?.state.withLockedValue { $0.topology?.primaries.randomElement() }
        }
        return try RESPSubscriber(
            configuration,
            channels: channels,
            patterns: patterns,
            group: group,
            logger: logger
        )
    }
}

// MARK: - Calls

extension RESPCluster {
    /// Sends a command to the server of its key and waits for its reply.
    ///
    /// - Parameter command: The command.
    /// - Returns: The reply, which is no error.
    /// - Throws: ``RESPError``, with the code `serverError` if the reply is an error; `CancellationError` if the task
    ///   is cancelled.
    public func execute(_ command: RESPCommand) async throws -> RESPValue {
        guard let reply = try await execute([command]).first else { throw RESPError.noOwner }
        if case .error(let error) = reply { throw RESPError(error) }
        return reply
    }

    /// Sends each command to the server of its key, to each server in one piece, and waits for all replies.
    ///
    /// - Parameter commands: The commands.
    /// - Returns: A reply for each command, in order; some may be errors.
    /// - Throws: ``RESPError``; `CancellationError` if the task is cancelled. Some of the commands may have been carried
    ///   out.
    public func execute(_ commands: [RESPCommand]) async throws -> [RESPValue] {
        var batch = ClusterBatch(commands, readsFromReplicas: options.readsFromReplicas)
        let end = ContinuousClock.now + configuration.timeout
        var pauses = Backoff(shortest: .milliseconds(5), longest: .milliseconds(100))
        var rounds = 0
        while true {
            let (topology, turn) = try await topology(until: end)
            let requests = batch.requests(topology, turn: turn)
            // Without a request, nobody holds the slots that are asked for.
            var needsPause = requests.isEmpty
            if needsPause { refreshSoon() }
            for (request, result) in await answers(to: requests, of: batch.commands) {
                let verdict = batch.receive(result, to: request)
                heed(verdict)
                needsPause = needsPause || verdict.needsPause
            }
            if let replies = try batch.replies() { return replies }
            rounds += 1
            guard ContinuousClock.now < end else {
                batch.giveUp()
                return try batch.replies() ?? []
            }
            // Servers that send a command to each other and back have not heard the same news yet.
            guard needsPause || rounds > 4 else { continue }
            var generator = SystemRandomNumberGenerator()
            try await Task.sleep(for: pauses.next(using: &generator))
        }
    }

    /// Divides keys by their slots.
    public func parts(of keys: [[UInt8]]) -> [[Int]] {
        var parts: [[Int]] = []
        var indices: [Int: Int] = [:]
        for (place, key) in keys.enumerated() {
            let slot = KeySlot.slot(of: key)
            if let index = indices[slot] {
                parts[index].append(place)
            } else {
                indices[slot] = parts.count
                parts.append([place])
            }
        }
        return parts
    }

    /// The primaries, each by the connection that its calls share.
    public func primaries() async throws -> [RESPConnection] {
        try await topology(until: .now + configuration.timeout).topology.primaries
            .map { try connection(to: ClusterBatch.Node(endpoint: $0)) }
    }

    private func heed(_ verdict: ClusterBatch.Verdict) {
        if !verdict.moves.isEmpty {
            state.withLockedValue { state in
                for (slot, endpoint) in verdict.moves { state.topology?.move(slot: slot, to: endpoint) }
            }
        }
        if verdict.isOutdated { refreshSoon() }
    }

    /// Sends each request to its server, all at once.
    private func answers(
        to requests: [ClusterBatch.Request],
        of commands: [RESPCommand]
    ) async -> [(ClusterBatch.Request, Result<[RESPValue], any Error>)] {
        if requests.count == 1 { return [(requests[0], await answer(to: requests[0], of: commands))] }
        return await withTaskGroup { group in
            for request in requests {
                group.addTask { (request, await self.answer(to: request, of: commands)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func answer(
        to request: ClusterBatch.Request,
        of commands: [RESPCommand]
    ) async -> Result<[RESPValue], any Error> {
        do {
            let commands = request.places.map { commands[$0] }
            let connection = try connection(to: request.node)
            guard request.isAsking else { return .success(try await connection.executeOnce(commands)) }
            let replies = try await connection.executeOnce(commands.flatMap { [RESPCommand("ASKING"), $0] })
            return .success(stride(from: 1, to: replies.count, by: 2).map { replies[$0] })
        } catch {
            return .failure(error)
        }
    }
}

// MARK: - Servers

extension RESPCluster {
    /// The connection to a server, which is made when it is asked for the first time.
    func connection(to node: ClusterBatch.Node) throws(RESPError) -> RESPConnection {
        let known: Result<RESPConnection?, RESPError> = state.withLockedValue { state in
            state.isClosed ? .failure(.clusterClosed) : .success(state.connections[node])
        }
        if let connection = try known.get() { return connection }
        var configuration = configuration
        configuration.endpoint = node.endpoint
        configuration.isReadOnly = node.isReplica
        // Each attempt that fails is an occasion to ask the others who has taken the server's place.
        configuration.longestBackoff = min(configuration.longestBackoff, .milliseconds(100))
        configuration.shortestBackoff = min(configuration.shortestBackoff, configuration.longestBackoff)
        let connection = try RESPConnection(configuration, group: group, logger: logger) { [weak self] event in
            if case .disconnected = event { self?.refreshSoon() }
        }
        return
            try state
            .withLockedValue { state -> Result<RESPConnection, RESPError> in
                if state.isClosed { return .failure(.clusterClosed) }
                // Another task may have made one at the same time; the loser's ends with its last reference.
                let winner = state.connections[node] ?? connection
                state.connections[node] = winner
                return .success(winner)
            }
            .get()
    }
}

extension RESPError {
    static let clusterClosed = RESPError(.closed, "the client of the cluster was closed by its owner")
}
