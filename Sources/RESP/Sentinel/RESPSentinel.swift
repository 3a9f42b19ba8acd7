import Logging

/// Several sentinels, which watch a primary and its replicas and know which of them is the primary now.
///
/// A connection with a sentinel asks before it connects, and checks that the server is a primary; so it follows a
/// failover as it does a restart: the connection breaks, and the next one leads to the new primary. A server that was
/// made a replica while connections to it are open is left at the first write that it refuses.
///
/// ```swift
/// var configuration = RESPConfiguration()
/// configuration.sentinel = RESPSentinel("main", at: [.tcp(host: "10.0.0.1", port: 26_379)])
/// ```
public struct RESPSentinel: Sendable {
    /// By what name the sentinels know the primary.
    public var primaryName: String

    /// Where the sentinels listen; at least one.
    public var endpoints: [RESPEndpoint]

    /// Tells the credentials for the sentinels; `nil` if they ask for none.
    public var credentials: (@Sendable () async throws -> RESPCredentials?)?

    /// How connections to the sentinels are encrypted; `nil` for connections in the clear.
    public var tls: RESPTransportSecurity?

    /// Makes the description of some sentinels.
    ///
    /// - Parameters:
    ///   - primaryName: By what name they know the primary.
    ///   - endpoints: Where they listen; at least one.
    public init(_ primaryName: String, at endpoints: [RESPEndpoint]) {
        self.primaryName = primaryName
        self.endpoints = endpoints
    }
}

extension RESPSentinel {
    /// Asks all sentinels at once where the primary is; what more than half of them say is believed at once, else what
    /// most of them say when all have answered or half of the timeout has passed.
    ///
    /// - Parameters:
    ///   - timeout: How long all may take.
    ///   - logger: Where the connections to the sentinels tell what happens to them.
    /// - Returns: Where the primary listens.
    /// - Throws: ``RESPError`` with the code `connectionFailed` if no sentinel knows a primary, or if they disagree.
    func primary(_ timeout: Duration, _ logger: Logger) async throws -> RESPEndpoint {
        var election = Election<RESPEndpoint>(voters: endpoints.count)
        await withTaskGroup(of: RESPEndpoint??.self) { group in
            for endpoint in endpoints {
                group.addTask { .some(try? await self.primary(by: endpoint, timeout, logger)) }
            }
            group.addTask {
                try? await Task.sleep(for: timeout / 2)
                return nil
            }
            var left = endpoints.count
            while left > 0, !election.isDecided, let answer = await group.next(), let answer {
                left -= 1
                if let answer { election.receive(answer) }
            }
            group.cancelAll()
        }
        guard let primary = election.leader else {
            throw RESPError(
                .connectionFailed,
                "the sentinels do not say which server is the primary '\(primaryName)'; are they there?"
            )
        }
        return primary
    }

    /// What one sentinel says.
    private func primary(
        by sentinel: RESPEndpoint,
        _ timeout: Duration,
        _ logger: Logger
    ) async throws -> RESPEndpoint? {
        var configuration = RESPConfiguration(sentinel)
        configuration.timeout = timeout
        configuration.connectTimeout = timeout
        configuration.credentials = credentials
        configuration.tls = tls
        let connection = try RESPConnection(configuration, logger: logger)
        let reply = try await connection.execute(
            RESPCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", .text(primaryName), isRepeatable: true)
        )
        guard let parts = reply.elements?.compactMap(\.string), parts.count == 2, let port = Int(parts[1]) else {
            return nil
        }
        return RESPEndpoint(host: parts[0], port: port, saidBy: sentinel)
    }
}

extension RESPValue {
    /// Whether it is the error by which a replica refuses to write.
    var isRefusalOfReplica: Bool {
        if case .error(let error) = self { error.kind == "READONLY" } else { false }
    }

    /// Whether it is among the replies to several commands.
    var containsRefusalOfReplica: Bool {
        if case .array(let replies) = self { replies.contains(where: \.isRefusalOfReplica) } else { false }
    }
}

extension RESPError {
    static let becameReplica = RESPError(.connectionLost, "the server has become a replica, and carries out no writes")
}
