import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOSSL

/// What stands on the connections of clients: HTTP/1.1, or TLS with HTTP/2 and HTTP/1.1 within it.
struct ConnectionSetup: Sendable {
    let shared: ProxyShared
    let pools: LoopPools
    private let tls: NIOSSLContext?

    /// - Throws: ``EdgeProxyError`` with the code `invalidConfiguration` for a certificate or a key that cannot be read.
    init(shared: ProxyShared, pools: LoopPools) throws(EdgeProxyError) {
        self.shared = shared
        self.pools = pools
        tls = try shared.configuration.tls.map { identity throws(EdgeProxyError) in try identity.context() }
    }

    func setUp(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard let tls else { return setUpHTTP1(channel, scheme: "http") }
        // A client that does not finish its handshake has no handler yet whose patience would end.
        let patience = TimeAmount(shared.configuration.clientTimeout)
        let deadline = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
        return channel.eventLoop
            .makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
            }
            .flatMap {
                channel.configureHTTP2SecureUpgrade { channel in
                    deadline.cancel()
                    return setUpHTTP2(channel)
                } http1ChannelConfigurator: { channel in
                    deadline.cancel()
                    return setUpHTTP1(channel, scheme: "https")
                }
            }
    }

    private func setUpHTTP1(_ channel: any Channel, scheme: String) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            var encoding = HTTPResponseEncoder.Configuration()
            encoding.automaticallySetFramingHeaders = false
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(
                withErrorHandling: true,
                // The fields of the rules cannot have what this would look for, nor those that the decoder of the origin
                // has passed.
                withOutboundHeaderValidation: false,
                withEncoderConfiguration: encoding,
                withDecoderLimitConfiguration: UpstreamPool.limits(shared.configuration)
            )
            try pipeline.addHandler(handler(of: channel, scheme: scheme, channel.remoteAddress?.ipAddress))
        }
    }

    private func setUpHTTP2(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            let client = channel.remoteAddress?.ipAddress
            let keeper = NIOHTTP2ServerConnectionManagementHandler(
                eventLoop: channel.eventLoop,
                configuration: .init(
                    maxIdleTime: TimeAmount(shared.configuration.idleTimeout),
                    maxAge: nil,
                    maxGraceTime: TimeAmount(shared.configuration.shutdownTimeout),
                    keepalive: nil
                )
            )
            var connection = NIOHTTP2Handler.ConnectionConfiguration()
            connection.initialSettings = [
                HTTP2Setting(parameter: .maxConcurrentStreams, value: shared.configuration.maximumStreams),
                HTTP2Setting(parameter: .maxHeaderListSize, value: shared.configuration.maximumFieldBytes),
            ]
            try pipeline.addHandler(
                NIOHTTP2Handler(
                    mode: .server,
                    eventLoop: channel.eventLoop,
                    connectionConfiguration: connection,
                    streamConfiguration: .init(),
                    streamDelegate: keeper.http2StreamDelegate
                ) { stream in
                    stream.eventLoop.makeCompletedFuture {
                        let pipeline = stream.pipeline.syncOperations
                        try pipeline.addHandler(HTTP2FramePayloadToHTTP1ServerCodec())
                        try pipeline.addHandler(handler(of: stream, scheme: "https", client))
                    }
                }
            )
            try pipeline.addHandler(keeper)
        }
    }

    private func handler(of channel: any Channel, scheme: String, _ client: String?) -> ProxyHandler {
        ProxyHandler(shared: shared, pool: pools.pool(of: channel.eventLoop), scheme: scheme, client: client)
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        self = .nanoseconds(Int64(duration / .nanoseconds(1)))
    }
}
