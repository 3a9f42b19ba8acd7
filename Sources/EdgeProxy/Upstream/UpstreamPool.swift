import HTTPCaching
import NIOCore
import NIOHTTP1
import NIOPosix

/// The connections of one event loop to the origin.
///
/// All calls come on that loop.
final class UpstreamPool {
    private let eventLoop: any EventLoop
    private let configuration: EdgeProxyConfiguration
    private var idle: [UpstreamConnection] = []

    init(eventLoop: any EventLoop, configuration: EdgeProxyConfiguration) {
        self.eventLoop = eventLoop
        self.configuration = configuration
    }

    /// A connection for one request: one that is idle, or a new one.
    ///
    /// - Parameter isFresh: Whether only a new one will do.
    /// - Returns: The connection, once it is there.
    func connection(isFresh: Bool) -> EventLoopFuture<NIOLoopBound<UpstreamConnection>> {
        while !isFresh, let connection = idle.popLast() {
            if connection.isOpen {
                return eventLoop.makeSucceededFuture(NIOLoopBound(connection, eventLoop: eventLoop))
            }
        }
        let timeout = TimeAmount.nanoseconds(Int64(configuration.connectTimeout / .nanoseconds(1)))
        let connection = UpstreamConnection(pool: self, timeout: configuration.originTimeout)
        let box = NIOLoopBound(connection, eventLoop: eventLoop)
        let limits = Self.limits(configuration)
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.autoRead, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    var encoding = HTTPRequestEncoder.Configuration()
                    encoding.automaticallySetFramingHeaders = false
                    try pipeline.addHandler(HTTPRequestEncoder(configuration: encoding))
                    try pipeline.addHandler(
                        ByteToMessageHandler(
                            HTTPResponseDecoder(
                                leftOverBytesStrategy: .dropBytes,
                                informationalResponseStrategy: .forward,
                                limitConfiguration: limits
                            )
                        )
                    )
                    try pipeline.addHandler(box.value)
                }
            }
            .connect(host: configuration.originHost, port: configuration.originPort)
            .map { _ in box }
    }

    static func limits(_ configuration: EdgeProxyConfiguration) -> NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = configuration.maximumFieldBytes
        limits.maxHeaderListSize = configuration.maximumFieldBytes
        limits.maxHeaderFieldCount = configuration.maximumFields
        return limits
    }

    func giveBack(_ connection: UpstreamConnection) {
        if connection.isOpen, idle.count < configuration.maximumIdleConnections {
            idle.append(connection)
        } else {
            connection.close()
        }
    }

    func forget(_ connection: UpstreamConnection) { idle.removeAll { $0 === connection } }

    func closeAll() {
        let all = idle
        idle = []
        for connection in all { connection.close() }
    }
}
