import Logging
import NIOCore
import NIOPosix

/// Making, losing and closing the channel; all on the event loop.
extension Session {
    func connect() {
        guard !loop.isClosing else { return }
        guard configuration.credentials != nil || configuration.sentinel != nil else {
            return connect(to: nearest, credentials: nil)
        }
        let promise = eventLoop.makePromise(of: (RESPEndpoint, RESPCredentials?).self)
        promise.completeWithTask { [configuration, logger] in
            let endpoint = try await configuration.sentinel?.primary(configuration.connectTimeout, logger)
            return (endpoint ?? self.nearest, try await configuration.knownCredentials)
        }
        promise.futureResult.whenComplete { result in
            switch result {
            case .success((let endpoint, let credentials)): self.connect(to: endpoint, credentials: credentials)
            case .failure(let error as RESPError): self.retry(error)
            case .failure(let error): self.retry(RESPError(.connectionFailed, "no connection", underlyingError: error))
            }
        }
    }

    /// Where to connect to if no sentinel says it.
    private var nearest: RESPEndpoint { configuration.anyServer?() ?? configuration.endpoint }

    private func connect(to endpoint: RESPEndpoint, credentials: RESPCredentials?) {
        guard !loop.isClosing else { return }
        loop.endpoint = endpoint
        let start = NIODeadline.now()
        let connected: EventLoopFuture<any Channel>
        switch endpoint {
        case .tcp(let host, let port): connected = bootstrap(endpoint).connect(host: host, port: port)
        case .unix(let path): connected = bootstrap(endpoint).connect(unixDomainSocketPath: path)
        }
        connected.whenComplete { result in
            switch result {
            case .success(let channel):
                self.begin(on: channel, credentials: credentials, start: start)
            case .failure(let error):
                self.retry(RESPError(.connectionFailed, "no connection to \(endpoint)", underlyingError: error))
            }
        }
    }

    private func bootstrap(_ endpoint: RESPEndpoint) -> ClientBootstrap {
        ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 1_024, initial: 16_384, maximum: 1 << 18)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls = self.configuration.tls {
                        try channel.pipeline.syncOperations.addHandler(tls.makeHandler(for: endpoint))
                    }
                    try channel.pipeline.syncOperations.addHandler(SessionHandler(self))
                }
            }
    }

    private func begin(on channel: any Channel, credentials: RESPCredentials?, start: NIODeadline) {
        guard !loop.isClosing else { return channel.close(promise: nil) }
        let handshake = Handshake(configuration, credentials: credentials)
        loop.channel = channel
        loop.handshake = handshake
        loop.lastArrival = .now()
        channel.writeAndFlush(ByteBuffer(bytes: handshake.bytes), promise: nil)
        // The deadline holds for encryption and handshake too; by then the channel may be another one.
        eventLoop.scheduleTask(deadline: start + TimeAmount(configuration.connectTimeout)) {
            guard self.loop.channel === channel, self.loop.handshake != nil else { return }
            self.lose(RESPError(.connectionFailed, "\(self.loop.endpoint) accepts, but does not answer"))
        }
    }

    func continueHandshake(_ values: inout [RESPValue]) {
        while let value = values.first, var handshake = loop.handshake {
            values.removeFirst()
            let step = handshake.receive(value)
            loop.handshake = handshake
            switch step {
            case .wait: continue
            case .send(let bytes): loop.channel?.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
            case .finish(let version): open(version: version)
            case .fail(let error): return lose(error)
            }
        }
    }

    private func open(version: Int) {
        loop.handshake = nil
        withQueue { $0.open(directSocket) }
        logger.debug("Connected", metadata: ["server": "\(loop.endpoint)", "protocol": "\(version)"])
        startHealthChecks()
        startLookingForDeadlines()
        onEvent?(.connected(protocolVersion: version))
        turn()
    }

    /// The socket, if what is written to it goes over the wire as it is.
    private var directSocket: DirectSocket? {
        guard configuration.tls == nil, let pipeline = loop.channel?.pipeline.syncOperations else { return nil }
        let socket = try? pipeline.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { handle in
            DirectSocket(duplicating: handle)
        }
        return socket ?? nil
    }

    // MARK: Losing

    /// Gives the channel up and connects again.
    func lose(_ error: RESPError) {
        guard let channel = loop.channel else { return }
        loop.channel = nil
        loop.handshake = nil
        stopTimers()
        channel.close(promise: nil)
        retry(error)
    }

    /// The handler was told that its channel is gone.
    func channelClosed(_ channel: any Channel, _ error: RESPError) {
        guard loop.channel === channel else { return }
        lose(error)
    }

    private func retry(_ error: RESPError) {
        let isRefusal = error.code == .authenticationFailed || error.code == .invalidConfiguration
        let lost =
            isRefusal
            ? error : RESPError(.connectionLost, "the connection broke; see the cause", underlyingError: error)
        withQueue { queue in
            queue.lose(lost, into: &loop.answers)
            if isRefusal { queue.refuse(error, into: &loop.answers) }
        }
        tell()
        guard !loop.isClosing else { return finishClosing() }
        onEvent?(.disconnected(error))
        var generator = SystemRandomNumberGenerator()
        let delay = loop.backoff.next(using: &generator)
        logger.debug("Disconnected", metadata: ["server": "\(loop.endpoint)", "error": "\(error)"])
        eventLoop.scheduleTask(in: TimeAmount(delay)) { self.connect() }
    }

    // MARK: Closing

    func beginClosing() {
        guard !loop.isClosing else { return }
        loop.isClosing = true
        withQueue { $0.close(RESPError(.closed, "the connection was closed by its owner"), into: &loop.answers) }
        tell()
        finishClosing()
    }

    /// Disconnects when nothing is to be waited for.
    func finishClosing() {
        let isDone = loop.channel == nil || withQueue { !$0.isAwaitingReplies && $0.outputBytes == 0 }
        guard isDone, !loop.isClosed else { return }
        loop.isClosed = true
        loop.deadlineTimer?.cancel()
        stopTimers()
        let channel = loop.channel
        loop.channel = nil
        withQueue { $0.lose(RESPError(.closed, "the connection was closed by its owner"), into: &loop.answers) }
        tell()
        guard let channel else { return closed.succeed() }
        channel.close(promise: nil)
        channel.closeFuture.whenComplete { _ in self.closed.succeed() }
    }
}
