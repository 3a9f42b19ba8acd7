import Foundation
import Larder
import LarderTesting
import Testing

@testable import LarderMonitoring

@Suite(.timeLimit(.minutes(10))) struct MonitoringReportTests {
    private let clock = ManualClock()

    /// What a cache did over half an hour, half of it well.
    private func report(hostile name: String = "users") async throws -> MonitoringReport {
        struct Down: Error {}
        let system = try CacheSystem(clock: clock)
        let cache = try system.cache(CacheNamespace<String, Int>.inMemory(name, memory: .entries(300)))
        let alerts = try AlertMonitor(of: system, handlers: [])
        let source = SnapshotSource(of: system, alerts: alerts, title: "shop <7>")
        for minute in 0..<30 {
            for key in 0..<200 {
                let key = key == 0 ? name : "\(key + (minute < 15 ? 0 : 200 * minute))"
                _ = try? await cache.value(forKey: key) { [clock] _ in
                    clock.advance(by: .milliseconds(10))
                    if minute == 29 { throw Down() }
                    return 1
                }
            }
            _ = system.statistics(over: .oneHour)
            alerts.evaluate()
            clock.advance(by: .seconds(58))
        }
        return MonitoringReport(source.snapshot(over: .oneHour))
    }

    @Test("the summary says what was asked, what was answered, and what the origin was spared")
    func summary() async throws {
        let report = try await report()
        let (summary, snapshot) = (report.summary, report.snapshot)
        #expect(summary.requests == 6_000)
        #expect(summary.hitRatio == snapshot.recent.hitRatio)
        let low = try #require(summary.lowestHitRatio)
        let high = try #require(summary.highestHitRatio)
        #expect(low < 0.1 && high > 0.7 && low < summary.hitRatio ?? 0 && summary.hitRatio ?? 1 < high)
        #expect(summary.loads == snapshot.recent.loads && summary.failedLoads == 199)
        #expect(abs(summary.secondsOfLoading - Double(summary.loads) * 0.01) < 0.1)
        #expect(abs(summary.sparedSeconds - Double(summary.sparedLoads) * 0.01) < 0.5)
    }

    @Test("each form has all parts of the report", arguments: [MonitoringReport.Format.text, .markdown, .html])
    func parts(format: MonitoringReport.Format) async throws {
        let report = try await report()
        let text = try report.text(format)
        let titles = [
            "Overview", "Advice", "Latency", "Origin", "Top namespaces", "Why reads missed", "Hottest keys", "Alerts",
        ]
        for title in titles { #expect(text.contains(title)) }
        #expect(text.contains(Figure.percent(report.summary.hitRatio)))
        #expect(text.contains("6,000") && text.contains("users"))
        #expect(text.contains("hit") && text.contains("load"))
        #expect(!report.snapshot.advice.isEmpty && !report.snapshot.recentAlerts.isEmpty)
    }

    @Test("the JSON form can be read again, figures and all")
    func json() async throws {
        let report = try await report()
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let read = try decoder.decode(MonitoringReport.self, from: Data(try report.text(.json).utf8))
        #expect(read.summary == report.summary)
        #expect(read.snapshot.recent == report.snapshot.recent)
    }

    @Test("the page needs nothing from elsewhere, runs no script, and draws what there is")
    func page() async throws {
        let page = try await report().text(.html)
        #expect(page.hasPrefix("<!doctype html>"))
        #expect(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"))
        #expect(!page.contains(" src=") && !page.contains("url("))
        #expect(page.contains("<svg") && page.contains("<polyline") && page.contains("aria-label=\"Hit ratio"))
        #expect(page.contains("default-src 'none'"))
        #expect(page.contains("shop &lt;7&gt;"))
    }

    @Test("names and keys that are markup, and such that move cursors, are shown and do nothing")
    func hostile() async throws {
        let name = "<img src=x onerror=alert(1)>|`a`\u{1B}[2J\u{202E}\n# b"
        let report = try await report(hostile: name)
        let page = try report.text(.html)
        #expect(!page.contains("<img") && page.contains("&lt;img src=x"))
        for format in [MonitoringReport.Format.text, .markdown, .html] {
            let text = try report.text(format)
            #expect(!text.contains("\u{1B}") && !text.contains("\u{202E}") && !text.contains("\n# b"))
        }
        let markdown = try report.text(.markdown)
        #expect(markdown.contains("\\<img"))
        #expect(!markdown.replacing("\\<", with: "").contains("<") && !markdown.contains("|`"))
    }

    @Test("a report of nothing says so, and does not fail")
    func nothing() throws {
        let snapshot = SnapshotSource(of: try CacheSystem(clock: clock)).snapshot(over: .oneDay)
        for format in MonitoringReport.Format.allCases {
            let text = try MonitoringReport(snapshot).text(format)
            #expect(!text.isEmpty)
            if format == .text { #expect(text.contains("Nothing stands out.")) }
        }
    }
}

@Suite struct FigureTests {
    @Test(
        "numbers are written in the unit that suits them",
        arguments: [
            (Figure.count(0), "0"), (Figure.count(999), "999"), (Figure.count(1_000), "1,000"),
            (Figure.count(-1_234_567), "-1,234,567"), (Figure.percent(0.125), "12.5 %"), (Figure.percent(nil), "–"),
            (Figure.duration(0), "0 s"), (Figure.duration(0.001_5), "1.5 ms"), (Figure.duration(2.5e-5), "25 µs"),
            (Figure.duration(90), "90 s"), (Figure.duration(300), "5 min"), (Figure.duration(86_400), "24 h"),
            (Figure.duration(864_000), "10 days"), (Figure.bytes(512), "512 B"), (Figure.bytes(1_572_864), "1.5 MiB"),
            (Figure.decimal(0.123), "0.12"), (Figure.decimal(12.34), "12.3"), (Figure.decimal(1_234.4), "1,234"),
        ]
    )
    func figures(written: String, expected: String) {
        #expect(written == expected)
    }
}
