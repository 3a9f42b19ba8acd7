import Foundation
import Larder
import LarderTesting
import Testing

@testable import LarderMonitoring

@Suite(.timeLimit(.minutes(10))) struct DashboardTests {
    private let clock = ManualClock()
    private let system: CacheSystem
    private let source: SnapshotSource

    init() throws {
        system = try CacheSystem(clock: clock)
        source = SnapshotSource(of: system, title: "test")
    }

    private func text(_ answer: DashboardAnswer) -> String {
        guard case .bytes(let bytes) = answer.body else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func header(_ name: String, _ answer: DashboardAnswer) -> String? {
        answer.headers.first { $0.name == name }?.value
    }

    @Test("the page and all that it names are there, and nothing of it comes from elsewhere")
    func files() throws {
        let dashboard = Dashboard(source)
        let page = dashboard.answer(to: "/")
        #expect(page.status == 200 && header("Content-Type", page) == "text/html; charset=utf-8")
        for match in text(page).matches(of: /(?:src|href)="([^"#]+)"/) where !match.1.hasPrefix("data:") {
            #expect(dashboard.answer(to: "/" + match.1).status == 200, "\(match.1)")
        }
        let script = dashboard.answer(to: "/dashboard.js")
        for match in text(script).matches(of: /from "\.\/([^"]+)"/) {
            #expect(dashboard.answer(to: "/" + match.1).status == 200, "\(match.1)")
        }
        for path in ["/", "/dashboard.css", "/dashboard.js", "/charts.js"] {
            let text = text(dashboard.answer(to: path)).replacing("http://www.w3.org/2000/svg", with: "")
            #expect(!text.contains("http://") && !text.contains("https://") && !text.contains("//cdn"))
            #expect(!text.contains("innerHTML") && !text.contains(" style=") && !text.contains("onclick"))
        }
    }

    @Test("the policy lets the page load nothing but what is beside it, and make no markup of text")
    func policy() throws {
        let policy = try #require(header("Content-Security-Policy", Dashboard(source).answer(to: "/")))
        #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
        #expect(policy.contains("require-trusted-types-for 'script'"))
        #expect(!policy.contains("unsafe") && !policy.contains("*") && !policy.contains("http"))
        #expect(header("X-Content-Type-Options", Dashboard(source).answer(to: "/dashboard.js")) == "nosniff")
    }

    @Test("a snapshot is of the window and the namespace that the query names")
    func snapshots() async throws {
        let cache = try system.cache(CacheNamespace<Int, Int>.inMemory("a b"))
        _ = try await cache.value(forKey: 1) { $0 }
        let answer = Dashboard(source).answer(to: "/snapshot.json", query: "window=15m&namespace=a%20b")
        let snapshot = try MonitoringSnapshot(json: Data(text(answer).utf8))
        #expect(snapshot.window == .fifteenMinutes && snapshot.historyOf == "a b" && snapshot.title == "test")
        #expect(snapshot.recent.requests == 1)
        #expect(Dashboard(source).answer(to: "/snapshot.json").status == 200)
    }

    @Test(
        "a query that cannot be is refused with a word on what can",
        arguments: [
            "window=2m", "window=", "window", "window=5m%", "namespace=\u{e9}", String(repeating: "a", count: 2_001),
        ]
    )
    func refusals(query: String) {
        let answer = Dashboard(source).answer(to: "/snapshot.json", query: query)
        #expect(answer.status == 400)
        #expect(text(answer).contains("1m, 5m, 15m, 1h, 24h"))
        #expect(Dashboard(source).answer(to: "/events", query: query).status == 400)
    }

    @Test("there is nothing at other places", arguments: ["/dashboard", "/../", "/events/", "//", "/PACKAGE"])
    func nothing(path: String) {
        #expect(Dashboard(source).answer(to: path).status == 404)
    }

    @Test("events come one at once and then one each interval, each a whole event in one line of data")
    func events() async throws {
        let dashboard = Dashboard(source, interval: .seconds(2))
        guard case .events(let events) = dashboard.answer(to: "/events").body else {
            Issue.record("there are no events")
            return
        }
        var iterator = events.makeAsyncIterator()
        for round in 0..<3 {
            async let advanced: Void = advance(by: round == 0 ? .zero : .seconds(2))
            let bytes = try #require(await iterator.next())
            await advanced
            let event = String(decoding: bytes, as: UTF8.self)
            #expect(event.hasPrefix("event: snapshot\ndata: {") && event.hasSuffix("}\n\n"))
            #expect(event.split(separator: "\n").count == 2)
            let json = try #require(event.split(separator: "\n").last?.dropFirst(6))
            #expect(try MonitoringSnapshot(json: Data(json.utf8)).uptime == Double(2 * round))
        }
    }

    private func advance(by duration: Duration) async {
        guard duration > .zero else { return }
        await clock.waitForSleepers()
        clock.advance(by: duration)
    }

    @Test("as many streams as may be are open, one more is refused, and one that ends makes room")
    func boundedStreams() async throws {
        let dashboard = Dashboard(source, maximumStreams: 2)
        var answers = [dashboard.answer(to: "/events"), dashboard.answer(to: "/events")]
        #expect(dashboard.openStreams == 2)
        let refused = dashboard.answer(to: "/events")
        #expect(refused.status == 503 && header("Retry-After", refused) == "5")
        #expect(dashboard.openStreams == 2)
        answers.removeLast()
        #expect(dashboard.openStreams == 1)
        #expect(dashboard.answer(to: "/events").status == 200)
        answers = []
        #expect(dashboard.openStreams == 0)
    }

    @Test("a stream ends when its task is cancelled, and by itself after ten minutes")
    func ends() async throws {
        let dashboard = Dashboard(source, interval: .seconds(300))
        let stream = Task {
            var count = 0
            if case .events(let events) = dashboard.answer(to: "/events").body { for await _ in events { count += 1 } }
            return count
        }
        await clock.waitForSleepers()
        clock.advance(by: .seconds(300))
        #expect(await stream.value == 2)
        let cancelled = Task {
            if case .events(let events) = dashboard.answer(to: "/events").body { for await _ in events {} }
        }
        await clock.waitForSleepers()
        cancelled.cancel()
        await cancelled.value
        #expect(dashboard.openStreams == 0)
    }
}
