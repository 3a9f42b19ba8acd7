import Foundation
import Larder
import LarderMonitoring
import LarderTesting
import Logging
import NIOHTTP1
import Testing

@testable import NotesVault

@Suite(.serialized, .timeLimit(.minutes(10)), .enabled(if: HeadlessBrowser.executable != nil))
struct DashboardPageTests {
    /// Keeps a picture where LARDER_SCREENSHOTS says, for people; checks that there is one.
    private func picture(_ name: String, of browser: HeadlessBrowser) async throws {
        let data = try await browser.screenshot()
        #expect(data.starts(with: [0x89, 0x50, 0x4E, 0x47]) && data.count > 10_000)
        guard let folder = ProcessInfo.processInfo.environment["LARDER_SCREENSHOTS"] else { return }
        try data.write(to: URL(filePath: folder).appending(path: name + ".png"))
    }

    @Test("the page of the running example shows the numbers of its statistics, on any screen and in any light")
    func numbers() async throws {
        let folder = try TemporaryFolder()
        let service = try ServiceProcess(
            ["--data", folder.path + "/data", "--port", "0", "--sample-notes", "300", "--requests", "1500"],
            in: folder
        )
        let connection = try await service.connect()
        let browser = try await HeadlessBrowser.start()
        defer { browser.stop() }
        try await browser.open("http://127.0.0.1:\(connection.port)/larder/", height: 1_000)
        try await browser.wait(until: "document.querySelector('#connection.live')")
        #expect(await service.waitForOutput("Ctrl-C stops the service"))
        // All there was, by the keyboard alone.
        _ = try await browser.evaluate("document.querySelector('input[value=\"1h\"]').focus()")
        try await browser.press("ArrowRight", code: 39)
        try await browser.wait(until: "document.body.dataset.window === '24h'")
        let before = try await browser.evaluate("document.body.dataset.snapshots")
        try await browser.wait(until: "Number(document.body.dataset.snapshots) > \(before) + 1")

        let stats = try await connection.execute(.GET, "/api/stats").json(ServiceReport.self)
        let rows = try await browser.evaluate(
            "JSON.stringify([...document.querySelectorAll('#namespaces tbody tr')].map(r => [...r.cells].map(c => c.textContent)))"
        )
        let shown = try JSONDecoder().decode([[String]].self, from: Data(rows.utf8))
        for cache in stats.caches {
            let row = try #require(shown.first { $0.first == cache.name })
            let numbers = [cache.memoryHits, cache.storeHits, cache.staleHits, cache.misses]
            #expect(row[1] == Figure.count(numbers.reduce(0, +)), "\(cache.name)")
            #expect(Array(row[3...6]) == numbers.map(Figure.count), "\(cache.name)")
            let ratio = Double(row[2].dropLast(2))
            #expect(abs((ratio ?? 0) - 100 * cache.hitRatio) < 0.06, "\(cache.name)")
            #expect((ratio == nil) == (numbers.reduce(0, +) == 0), "\(cache.name)")
        }
        let all = shown.reduce(0) { $0 + (Int($1[1].replacing(",", with: "")) ?? 0) }
        #expect(all > 1_500)
        #expect(try await browser.evaluate("document.getElementById('requests').textContent") == Figure.count(all))
        #expect(try await browser.evaluate("document.querySelectorAll('#keys tbody tr').length") != "1")

        _ = try await browser.evaluate("document.querySelector('input[value=live]').click()")
        try await browser.wait(until: "document.body.dataset.window === '1m'")
        // Something to look at.
        for number in 0..<6 {
            let seen = try await browser.evaluate("document.body.dataset.snapshots")
            for note in try await connection.execute(.GET, "/api/popular").json([NoteReference].self) {
                _ = try await connection.execute(.GET, NoteView.path(of: note.id))
                _ = try await connection.execute(.GET, "/api/search?q=\(number)%20\(note.title.count)")
            }
            try await browser.wait(until: "Number(document.body.dataset.snapshots) > \(seen)")
        }
        try await picture("light", of: browser)
        try await browser.show(width: 1_280, height: 1_000, isDark: true)
        try await picture("dark", of: browser)
        try await browser.show(width: 390, height: 844, isDark: false)
        #expect(try await browser.evaluate("document.documentElement.scrollWidth <= 390") == "true")
        try await picture("phone", of: browser)
        _ = try await browser.evaluate("document.getElementById('theme').click()")
        #expect(try await browser.evaluate("document.documentElement.dataset.theme") == "light")
        #expect(
            try await browser.evaluate("document.querySelector('.plot').getAttribute('aria-label').length > 20")
                == "true"
        )
        #expect(browser.complaints.isEmpty, "\(browser.complaints)")
        #expect(await service.stop(SIGINT) == 0, "a page that looks keeps nobody from stopping")
    }

    @Test("keys that are markup stay text on the page")
    func hostileKeys() async throws {
        let system = try CacheSystem(logger: TestVault.logger)
        let cache = try system.cache(CacheNamespace<String, Int>.inMemory("<b>names</b>"))
        let key = "<img src=x onerror=\"document.title='taken'\">"
        for _ in 0..<10 { _ = try await cache.value(forKey: key) { _ in 1 } }
        let watch = try CacheWatch(system, logger: TestVault.logger)
        let test = try await TestVault()
        let router = NotesRouter(
            repository: test.origin,
            monitor: ServiceMonitor(vault: test.vault, caches: nil),
            logger: TestVault.logger,
            dashboard: watch.dashboard
        )
        let browser = try await HeadlessBrowser.start()
        defer { browser.stop() }
        try await TemporaryServer.run(router, host: "127.0.0.1", logger: TestVault.logger) { port in
            try await browser.open("http://127.0.0.1:\(port)/larder/")
            try await browser.wait(until: "document.querySelector('#keys tbody th')")
            // A part of a key is encoded with percent signs, and shown so.
            let shown = try await browser.evaluate("document.querySelector('#keys tbody th').textContent")
            #expect(shown.contains("img") && shown.contains("onerror"))
            #expect(try await browser.evaluate("document.querySelectorAll('main img, td b').length") == "0")
            #expect(
                try await browser.evaluate("document.querySelector('#namespaces tbody th').textContent")
                    == "<b>names</b>"
            )
            #expect(try await browser.evaluate("document.title") == "Notes Vault · caches")
            #expect(browser.complaints.isEmpty, "\(browser.complaints)")
        }
    }
}
