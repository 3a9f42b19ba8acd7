/// What the client of a cluster needs besides the configuration of its connections.
public struct RESPClusterOptions: Sendable {
    /// Servers to ask at first, besides the one of the configuration; any that are there will do.
    public var seeds: [RESPEndpoint] = []

    /// Whether commands that allow it are answered by replicas, in turn; see ``RESPCommand/isForReplicas``.
    public var readsFromReplicas = false

    /// How often the servers are asked who holds what without there being a reason to; more than zero.
    public var refreshInterval: Duration = .seconds(30)

    /// How many servers are asked each time, at least 1; more than half of them have to agree.
    public var voters = 5

    /// Makes options with the default values.
    public init() {}
}

extension RESPClusterOptions {
    /// Checks the ranges.
    ///
    /// - Throws: ``RESPError`` with the code `invalidConfiguration`.
    func validate() throws(RESPError) {
        guard refreshInterval > .zero, voters >= 1 else {
            throw RESPError(
                .invalidConfiguration,
                "a cluster needs a positive interval of refreshes and at least one voter; correct the options"
            )
        }
    }
}
