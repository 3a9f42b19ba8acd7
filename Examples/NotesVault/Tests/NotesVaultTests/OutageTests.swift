import Foundation
import GRDB
import Larder
import LarderMonitoring
import LarderTesting
import MemoryCache
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import NotesVault

@Suite(.serialized, .timeLimit(.minutes(10))) struct OutageTests {
    /// The example with an origin that is a real database, and a clock of its own.
    private struct Service {
        let clock = ManualClock()
        let test: TestVault
        let system: CacheSystem
        let caches: NoteCaches
        let repository: CachedNoteRepository
        let watch: CacheWatch
        let notes: [NoteID]

        init(webhook: String) async throws {
            let texts = (0..<40).map { ("note-\($0)", "# Note \($0)\n\nwords") }
            test = try await TestVault(Dictionary(uniqueKeysWithValues: texts))
            notes = try texts.map { try noteID($0.0) }
            system = try CacheSystem(clock: clock, logger: TestVault.logger)
            caches = try NoteCaches(system)
            repository = CachedNoteRepository(vault: test.vault, caches: caches, logger: TestVault.logger)
            var rule = AlertRule("load-errors", .loadErrorRatioAbove(0.2))
            rule.window = .oneMinute
            rule.holdTime = .seconds(10)
            rule.quietTime = .seconds(10)
            watch = try CacheWatch(system, rules: [rule], webhook: webhook, logger: TestVault.logger)
        }

        var router: NotesRouter {
            NotesRouter(
                repository: repository,
                monitor: ServiceMonitor(vault: test.vault, caches: nil),
                logger: TestVault.logger,
                dashboard: watch.dashboard
            )
        }

        /// Takes the table of the notes away, or puts it back: the origin is down as a database is.
        func setDown(_ isDown: Bool) async throws {
            let (old, new) = isDown ? ("note", "note_away") : ("note_away", "note")
            try await test.vault.index.pool.write { try $0.execute(sql: "ALTER TABLE \(old) RENAME TO \(new)") }
        }

        /// Lets time pass, with requests that miss, until something is so.
        ///
        /// - Returns: The statuses of the answers.
        func live(_ connection: ReplayConnection, until condition: () async throws -> Bool) async throws -> Set<Int> {
            var statuses: Set<Int> = []
            while try await !condition() {
                for id in notes {
                    statuses.insert(try await connection.execute(.GET, "/api/notes/" + id.rawValue).status)
                }
                try await caches.notes.removeAll()
                await clock.waitForSleepers()
                clock.advance(by: .seconds(5))
                // The page and the webhook hear of it by the network, whatever the clock says.
                try await Task.sleep(for: .milliseconds(5))
            }
            return statuses
        }
    }

    @Test("an outage of the origin fires an alert at the webhook and in the snapshot, and its end resolves it")
    func webhook() async throws {
        try await outage { service, webhook, connection in
            #expect(try await service.live(connection) { webhook.states.contains("firing") }.contains(500))
            let during = try await snapshot(connection)
            #expect(during.alerts.map(\.rule) == ["load-errors"] && during.alerts.first?.namespace == "notes")
            #expect(during.alerts.first?.state == .firing)
            try await service.setDown(false)
            let statuses = try await service.live(connection) { webhook.states.contains("resolved") }
            #expect(statuses.contains(200))
            let after = try await snapshot(connection)
            #expect(after.alerts.isEmpty)
            #expect(after.recentAlerts.map(\.state) == [.resolved, .firing])
            #expect(webhook.states == ["firing", "resolved"])
        }
    }

    @Test(
        "the outage is seen on the page while it lasts, and its end too",
        .enabled(if: HeadlessBrowser.executable != nil)
    )
    func page() async throws {
        let browser = try await HeadlessBrowser.start()
        defer { browser.stop() }
        try await outage { service, _, connection in
            func holds(_ condition: String) async throws -> Bool { try await browser.evaluate(condition) == "true" }
            try await browser.open("http://127.0.0.1:\(connection.port)/larder/")
            try await browser.wait(until: "document.querySelector('#connection.live')")
            _ = try await service.live(connection) {
                try await holds(
                    "!document.getElementById('firing').hidden && !!document.querySelector('.state.firing')"
                )
            }
            let banner = try await browser.evaluate("document.getElementById('firing').textContent")
            #expect(banner.contains("load-errors of notes fires"))
            if let folder = ProcessInfo.processInfo.environment["LARDER_SCREENSHOTS"] {
                try await browser.screenshot().write(to: URL(filePath: folder).appending(path: "outage.png"))
            }
            try await service.setDown(false)
            _ = try await service.live(connection) {
                try await holds(
                    "document.getElementById('firing').hidden && !!document.querySelector('.state.resolved')"
                )
            }
            #expect(browser.complaints.isEmpty, "\(browser.complaints)")
        }
    }

    /// Runs the example and a webhook, and takes the origin down.
    private func outage(
        _ body: @Sendable (Service, Webhook, ReplayConnection) async throws -> Void
    ) async throws {
        let webhook = try await Webhook()
        let service = try await Service(webhook: webhook.url)
        let run = Task { try await service.watch.alerts.run() }
        try await TemporaryServer.run(service.router, host: "127.0.0.1", logger: TestVault.logger) { port in
            let connection = try await ReplayConnection.open(
                host: "127.0.0.1",
                port: port,
                group: .singletonMultiThreadedEventLoopGroup
            )
            try await service.setDown(true)
            try await body(service, webhook, connection)
            await connection.close()
        }
        run.cancel()
        _ = await run.result
        await webhook.stop()
    }

    private func snapshot(_ connection: ReplayConnection) async throws -> MonitoringSnapshot {
        let answer = try await connection.execute(.GET, "/larder/snapshot.json?window=1m")
        return try MonitoringSnapshot(json: Data(answer.body.readableBytesView))
    }
}

/// A web service that keeps the states of the alerts that it is told of.
private final class Webhook: Sendable {
    private final class Record: Sendable {
        let states = Locked<[String]>([])
    }

    private let record: Record
    private let channel: any Channel

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/alerts" }

    /// The states, in their order.
    var states: [String] { record.states.withLock { $0 } }

    init() async throws {
        let record = Record()
        self.record = record
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(record))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func stop() async { try? await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let record: Record
        private var body = ByteBuffer()

        init(_ record: Record) { self.record = record }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head: body = ByteBuffer()
            case .body(var part): body.writeBuffer(&part)
            case .end:
                let alert = try? JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any]
                if let state = alert?["state"] as? String { record.states.withLock { $0.append(state) } }
                let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "0"])
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
