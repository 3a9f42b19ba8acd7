import AsyncHTTPClient
import Foundation
import Larder
import LarderTesting
import MemoryCache
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import LarderMonitoring

@Suite(.timeLimit(.minutes(10))) struct WebhookAlertHandlerTests {
    private let alert = Alert(
        rule: "load-errors",
        namespace: "users",
        state: .firing,
        value: 0.4,
        limit: 0.1,
        since: Date(timeIntervalSince1970: 1_777_629_600)
    )

    @Test("an alert arrives as JSON, with the headers that were given")
    func delivery() async throws {
        try await WebhookServer.withServer { server in
            let handler = WebhookAlertHandler(url: server.base + "/hook", headers: ["Authorization": "Bearer x"])
            try await handler.handle(alert)
            let received = try #require(server.received.first)
            #expect(received.uri == "/hook")
            #expect(received.authorization == "Bearer x")
            let body = try #require(JSONSerialization.jsonObject(with: Data(received.body.utf8)) as? [String: Any])
            #expect(body["rule"] as? String == "load-errors")
            #expect(body["namespace"] as? String == "users")
            #expect(body["state"] as? String == "firing")
            #expect(body["since"] as? String == "2026-05-01T10:00:00Z")
            #expect(body["summary"] as? String == "load-errors of users is firing: 0.4, with a limit of 0.1")
        }
    }

    @Test("a service that refuses an alert is an error")
    func refusal() async throws {
        try await WebhookServer.withServer { server in
            server.answer(503)
            await #expect(throws: WebhookAlertHandler.Refusal.self) {
                try await WebhookAlertHandler(url: server.base).handle(alert)
            }
        }
    }

    @Test(
        "an outage of the origin reaches the webhook when it begins and when it is over, also past a service that fails"
    )
    func outage() async throws {
        struct Down: Error {}
        try await WebhookServer.withServer { server in
            server.answer(500)
            let clock = ManualClock()
            let system = try CacheSystem(clock: clock)
            let cache = try system.cache(CacheNamespace<Int, String>.inMemory("users"))
            var rule = AlertRule("load-errors", .loadErrorRatioAbove(0.5))
            rule.window = .oneMinute
            rule.holdTime = .seconds(20)
            rule.quietTime = .seconds(20)
            let alerts = try AlertMonitor(
                of: system,
                rules: [rule],
                handlers: [WebhookAlertHandler(url: server.base)],
                interval: .seconds(10)
            )
            let run = Task { try await alerts.run() }
            var key = 0
            func live(isDown: Bool, until state: Alert.State) async throws {
                while !server.received.contains(where: { $0.body.contains(#""state":"\#(state.rawValue)""#) }) {
                    for _ in 0..<30 {
                        key += 1
                        _ = try? await cache.value(forKey: key) { key in
                            if isDown { throw Down() }
                            return "\(key)"
                        }
                    }
                    await clock.waitForSleepers(1)
                    clock.advance(by: .seconds(5))
                    // The answers of the service come by the network, whatever the clock says.
                    try await Task.sleep(for: .milliseconds(2))
                    server.answer(200)
                }
            }
            try await live(isDown: true, until: .firing)
            try await live(isDown: false, until: .resolved)
            run.cancel()
            _ = await run.result
        }
    }
}

/// A web service in this process that keeps what it is sent.
private final class WebhookServer: Sendable {
    struct Received: Sendable {
        var uri: String
        var authorization: String?
        var body = ""
    }

    private struct State {
        var received: [Received] = []
        var status = 200
    }

    private let state = Locked(State())
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel: Locked<(any Channel)?> = Locked(nil)

    var base: String { "http://127.0.0.1:\(channel.withLock { $0?.localAddress?.port ?? 0 })" }
    var received: [Received] { state.withLock { $0.received } }
    func answer(_ status: Int) { state.withLock { $0.status = status } }

    static func withServer(_ body: (WebhookServer) async throws -> Void) async throws {
        let server = WebhookServer()
        let bound = try await ServerBootstrap(group: server.group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(server: server))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        server.channel.withLock { $0 = bound }
        let result: Result<Void, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        try await bound.close()
        try await server.group.shutdownGracefully()
        try result.get()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let server: WebhookServer
        private var current = Received(uri: "")

        init(server: WebhookServer) {
            self.server = server
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                current = Received(uri: head.uri, authorization: head.headers["Authorization"].first)
            case .body(let buffer):
                current.body += String(buffer: buffer)
            case .end:
                let status = server.state.withLock { state in
                    state.received.append(current)
                    return state.status
                }
                let head = HTTPResponseHead(
                    version: .http1_1,
                    status: HTTPResponseStatus(statusCode: status),
                    headers: ["Content-Length": "0"]
                )
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
