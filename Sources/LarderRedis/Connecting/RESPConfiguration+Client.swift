import Logging
import NIOCore
import RESP

extension RESPConfiguration {
    /// Begins to connect to a server, to the primary that sentinels name, or to a cluster.
    ///
    /// - Parameters:
    ///   - cluster: What is needed to use a cluster; `nil` if there is none.
    ///   - group: The event loops; `nil` is NIO's own group.
    ///   - logger: Where the client tells of connections.
    /// - Returns: The client.
    /// - Throws: `RESPError` if the configuration is out of range.
    func client(
        ofCluster cluster: RESPClusterOptions?,
        group: (any EventLoopGroup)?,
        logger: Logger
    ) throws(RESPError) -> any RESPClient {
        guard let cluster else { return try RESPConnection(self, group: group, logger: logger) }
        return try RESPCluster(self, options: cluster, group: group, logger: logger)
    }
}
