import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import NotesVault

@Suite(.timeLimit(.minutes(10))) struct NotesRouterTests {
    /// Serves a vault with a cache while something runs.
    private func withServer(
        _ notes: [String: String],
        _ body: (ReplayConnection, TestVault) async throws -> Void
    ) async throws {
        let test = try await TestVault(notes)
        let cache = try await TestCache(test)
        let monitor = ServiceMonitor(vault: test.vault, caches: cache.caches)
        let router = NotesRouter(repository: cache.repository, monitor: monitor, logger: TestVault.logger)
        try await TemporaryServer.run(router, host: "127.0.0.1", logger: TestVault.logger) { port in
            let connection = try await ReplayConnection.open(
                host: "127.0.0.1",
                port: port,
                group: .singletonMultiThreadedEventLoopGroup
            )
            try await body(connection, test)
            await connection.close()
        }
    }

    @Test("notes are created, read, replaced and deleted, with slashes and spaces in their ids")
    func cycle() async throws {
        try await withServer(["b": ""]) { connection, test in
            let path = "/api/notes/sub/my%20n%C3%B6te"
            #expect(try await connection.execute(.GET, path).status == 404)
            let created = try await connection.execute(.PUT, path, body: "# One\n\n[[b]]")
            #expect(created.status == 201)
            #expect(try created.json(Summary.self) == Summary(id: "sub/my nöte", title: "One"))
            #expect(try await connection.execute(.PUT, path, body: "# Two\n\n[[b]]").status == 200)
            #expect(try await connection.execute(.GET, path).json(Summary.self).title == "Two")
            #expect(try test.vault.folder.source(of: noteID("sub/my nöte")) == "# Two\n\n[[b]]")
            let backlinks = try await connection.execute(.GET, "/api/backlinks/b").json([Summary].self)
            #expect(backlinks == [Summary(id: "sub/my nöte", title: "Two")])
            #expect(try await connection.execute(.DELETE, path).status == 204)
            #expect(try await connection.execute(.DELETE, path).status == 404)
            #expect(try await connection.execute(.GET, path).status == 404)
            #expect(try test.vault.folder.source(of: noteID("sub/my nöte")) == nil)
        }
    }

    @Test("a search finds notes; the words may be joined by plus signs or percent codes")
    func search() async throws {
        try await withServer(["a": "# A\n\none two", "b": "# B\n\none"]) { connection, _ in
            for query in ["one+two", "one%20two", "two%26one", "%22two"] {
                let hits = try await connection.execute(.GET, "/api/search?q=\(query)").json([Summary].self)
                #expect(hits == [Summary(id: "a", title: "A")], "\(query)")
            }
            #expect(try await connection.execute(.GET, "/api/search?q=one&limit=1").json([Summary].self).count == 1)
        }
    }

    @Test(
        "what is asked for wrongly is answered with a status and a message that says what to do",
        arguments: [
            ("GET", "/api/notes/none", 404, "There is no note"),
            ("GET", "/api/notes/..%2f..%2fetc%2fpasswd", 400, "starts with a dot"),
            ("GET", "/api/notes/a%00b", 400, "control character"),
            ("GET", "/api/notes/%ff", 400, "UTF-8"),
            ("PUT", "/api/notes/.hidden", 400, "starts with a dot"),
            ("PUT", "/api/notes/folder", 409, "folder"),
            ("PUT", "/api/notes/a/b", 409, "could not be written"),
            ("GET", "/api/search", 400, "/api/search?q="),
            ("GET", "/api/search?q=", 400, "letter or digit"),
            ("GET", "/api/search?q=x&limit=0", 400, "limit"),
            ("GET", "/api/search?q=x&limit=ten", 400, "limit"),
            ("GET", "/nowhere", 404, "nothing at"),
            ("POST", "/api/notes/a", 404, "nothing at"),
        ]
    )
    func refused(_ method: String, _ path: String, _ status: Int, _ message: String) async throws {
        try await withServer(["folder.md/x": "", "a.md/b": "", "a": "x"].filter { $0.key != "a.md/b" }) {
            connection,
            test in
            try test.folder.write("a file where a folder should be", to: "vault/a")
            let answer = try await connection.execute(
                HTTPMethod(rawValue: method),
                path,
                body: method == "PUT" ? "x" : ""
            )
            #expect(answer.status == status)
            #expect(try answer.json(Failure.self).error.message.contains(message))
        }
    }

    @Test("a note over the limit is refused, and one that is no UTF-8 too")
    func badBodies() async throws {
        try await withServer([:]) { connection, _ in
            let large = String(repeating: "x", count: VaultFolder.maximumNoteSize + 1)
            let answer = try await connection.execute(.PUT, "/api/notes/large", body: large)
            #expect(answer.status == 413)
            #expect(try answer.json(Failure.self).error.message.contains("limit"))
        }
        try await withServer([:]) { connection, _ in
            let answer = try await connection.execute(.PUT, "/api/notes/bytes", body: ByteBuffer(bytes: [0xFF, 0xFE]))
            #expect(answer.status == 400)
            #expect(try answer.json(Failure.self).error.message.contains("UTF-8"))
        }
    }

    @Test("the page of a note shows it with its backlinks, escaped, and runs no script")
    func page() async throws {
        try await withServer(["x/a": "# <A>\n\n<script>alert(1)</script> [[b]]", "b": "# B"]) { connection, _ in
            let page = try await connection.execute(.GET, "/notes/x/a")
            #expect(page.status == 200)
            #expect(page.text.contains("<h1>&lt;A&gt;</h1>") && !page.text.contains("<script"))
            #expect(page.text.contains("href=\"/notes/b\""))
            let target = try await connection.execute(.GET, "/notes/b")
            #expect(target.text.contains("One note links here") && target.text.contains("href=\"/notes/x/a\""))
            let missing = try await connection.execute(.GET, "/notes/%3Cb%3E")
            #expect(missing.status == 404 && missing.text.contains("&lt;b&gt;"))
        }
    }

    @Test("the page at / loads nothing from elsewhere")
    func home() async throws {
        try await withServer(["a": "x"]) { connection, _ in
            let page = try await connection.execute(.GET, "/")
            #expect(page.status == 200)
            #expect(!page.text.contains("http://") && !page.text.contains("https://") && !page.text.contains("src="))
        }
    }

    @Test("the statistics tell hits from misses and what was saved")
    func statistics() async throws {
        try await withServer(["a": "x"]) { connection, test in
            let queries = test.vault.index.queries
            for _ in 0..<3 { _ = try await connection.execute(.GET, "/notes/a") }
            let report = try await connection.execute(.GET, "/api/stats").json(ServiceReport.self)
            let views = try #require(report.caches.first { $0.name == "views" })
            #expect(views.misses == 1 && views.memoryHits == 2 && views.entries == 1)
            #expect(report.origin.queries - queries == 3 && report.origin.saved == 6)
            #expect(report.requests == 3 && report.latency.p50 > 0)
        }
    }

    private struct Summary: Codable, Equatable {
        let id: String
        let title: String
    }

    private struct Failure: Codable {
        struct Details: Codable { let message: String }
        let error: Details
    }
}

extension ReplayConnection.Answer {
    var text: String { String(buffer: body) }

    func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body.readableBytesView))
    }
}
