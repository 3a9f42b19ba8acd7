/// Where a connection leads, who it says it is, and its bounds.
public struct RESPConfiguration: Sendable {
    /// Where the server listens.
    public var endpoint: RESPEndpoint

    /// Who says where the server listens, asked before each connection; `nil` if it is the ``endpoint``.
    public var sentinel: RESPSentinel?

    /// How the connection is encrypted; `nil` for a connection in the clear.
    public var tls: RESPTransportSecurity?

    /// Tells the credentials; asked before each connection, so that they may change.
    ///
    /// `nil`, or an answer of `nil`, is a connection without credentials.
    public var credentials: (@Sendable () async throws -> RESPCredentials?)?

    /// The number of the database.
    public var database = 0

    /// The name by which `CLIENT LIST` shows the connection, without spaces.
    public var clientName: String? = "larder"

    /// The version of the protocol to ask for, 3 or 2; servers that do not know version 3 get 2.
    public var protocolVersion = 3

    /// How long a command may take, from the call to its reply.
    ///
    /// It is more than zero. A command that was sent again after the connection broke may take three times as long.
    public var timeout: Duration = .seconds(1)

    /// How long it may take to connect, encryption and credentials included; more than zero.
    public var connectTimeout: Duration = .seconds(2)

    /// After how much silence the server is asked whether it is still there; more than zero.
    public var healthCheckInterval: Duration = .seconds(15)

    /// How many calls may wait for replies, at least 1; more fail at once with the code `overloaded`.
    public var maximumPendingCalls = 16_384

    /// How many bytes of commands may wait to be sent, at least 1; more fail at once with the code `overloaded`.
    public var maximumPendingBytes = 128 << 20

    /// How much memory one reply may take, in bytes, at least 1,024.
    public var maximumReplyBytes = 256 << 20

    /// How deep the lists of a reply may nest, at least 1.
    public var maximumReplyDepth = 16

    /// How long to wait before the second attempt to connect again, more than zero.
    ///
    /// The first attempt is made at once. Each further attempt waits twice as long as the one before, up to ``longestBackoff``, and a random part of
    /// up to half less.
    public var shortestBackoff: Duration = .milliseconds(10)

    /// The longest wait between two attempts to connect; at least ``shortestBackoff``.
    public var longestBackoff: Duration = .seconds(1)

    /// Whether the connection reads from a replica of a cluster.
    var isReadOnly = false

    /// Names a server that serves as well as any other, asked before each connection; `nil`, or an answer of `nil`, is
    /// the ``endpoint``.
    var anyServer: (@Sendable () -> RESPEndpoint?)?

    /// Makes a configuration with the default bounds.
    ///
    /// - Parameter endpoint: Where the server listens.
    public init(_ endpoint: RESPEndpoint = .tcp(host: "127.0.0.1", port: 6_379)) {
        self.endpoint = endpoint
    }
}

extension RESPConfiguration {
    /// Checks the ranges.
    ///
    /// - Throws: ``RESPError`` with the code `invalidConfiguration`.
    func validate() throws(RESPError) {
        try check(database >= 0, "the database has a number of at least 0")
        try check(2...3 ~= protocolVersion, "the protocol has the versions 2 and 3")
        try check(timeout > .zero, "the timeout is more than zero")
        try check(connectTimeout > .zero, "the timeout of connecting is more than zero")
        try check(healthCheckInterval > .zero, "the interval of health checks is more than zero")
        try check(maximumPendingCalls >= 1, "at least one call may wait")
        try check(maximumPendingBytes >= 1, "at least one byte may wait")
        try check(maximumReplyBytes >= 1_024, "a reply may take at least 1,024 bytes")
        try check(maximumReplyDepth >= 1, "a reply may nest at least once")
        try check(shortestBackoff > .zero, "the shortest backoff is more than zero")
        try check(longestBackoff >= shortestBackoff, "the longest backoff is no shorter than the shortest")
        try check(sentinel?.endpoints.isEmpty != true, "at least one sentinel is asked")
        try check(clientName?.utf8.allSatisfy { 33...126 ~= $0 } ?? true, "a client name has no spaces")
    }

    private func check(_ condition: Bool, _ rule: String) throws(RESPError) {
        guard condition else { throw RESPError(.invalidConfiguration, "\(rule); correct the configuration") }
    }
}
