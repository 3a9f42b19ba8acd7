import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Larder
import LarderHummingbird
import LarderMonitoring
import LarderTesting
import Logging
import Testing

@Suite(.timeLimit(.minutes(10))) struct DashboardRoutesTests {
    private func application(_ dashboard: Dashboard) -> some ApplicationProtocol {
        let router = Router()
        router.group("admin").addDashboard(dashboard, at: "caches")
        return Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test("a router serves the page at a place that ends in a slash, and what it needs below")
    func page() async throws {
        let dashboard = Dashboard(SnapshotSource(of: try CacheSystem()))
        try await application(dashboard)
            .test(.router) { client in
                let redirect = try await client.execute(uri: "/admin/caches", method: .get)
                #expect(redirect.status == .permanentRedirect && redirect.headers[.location] == "caches/")
                let page = try await client.execute(uri: "/admin/caches/", method: .get)
                #expect(page.status == .ok && String(buffer: page.body).contains("dashboard.js"))
                #expect(page.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
                let script = try await client.execute(uri: "/admin/caches/dashboard.js", method: .get)
                #expect(script.headers[.contentType] == "text/javascript; charset=utf-8")
                let snapshot = try await client.execute(uri: "/admin/caches/snapshot.json?window=1h", method: .get)
                #expect(try MonitoringSnapshot(json: Data(snapshot.body.readableBytesView)).window == .oneHour)
                #expect(try await client.execute(uri: "/admin/caches/none", method: .get).status == .notFound)
                #expect(
                    try await client.execute(uri: "/admin/caches/snapshot.json?window=1", method: .get).status
                        == .badRequest
                )
            }
    }

    @Test("events are sent as they come, until the stream has had its time")
    func events() async throws {
        let clock = ManualClock()
        let dashboard = Dashboard(SnapshotSource(of: try CacheSystem(clock: clock)), interval: .seconds(300))
        try await application(dashboard)
            .test(.live) { client in
                async let response = client.execute(uri: "/admin/caches/events?window=1m", method: .get)
                await clock.waitForSleepers()
                #expect(dashboard.openStreams == 1)
                clock.advance(by: .seconds(300))
                let (headers, body) = try await (response.headers, String(buffer: response.body))
                #expect(headers[.contentType] == "text/event-stream; charset=utf-8")
                #expect(body.split(separator: "event: snapshot\n").count == 2)
            }
    }

    @Test("a server that stops does not wait for those who look at the page", .timeLimit(.minutes(10)))
    func stops() async throws {
        let clock = ManualClock()
        let dashboard = Dashboard(SnapshotSource(of: try CacheSystem(clock: clock)), interval: .seconds(300))
        // The server stops where the closure ends, although nobody moves the clock.
        try await application(dashboard)
            .test(.live) { client in
                Task { try await client.execute(uri: "/admin/caches/events", method: .get) }
                await clock.waitForSleepers()
            }
    }
}
