import Foundation
import LarderTesting
import NIOHTTP1
import Testing

@testable import NotesVault

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite(.serialized, .timeLimit(.minutes(10))) struct ServiceEndToEndTests {
    private func start(_ folder: TemporaryFolder, _ arguments: [String]) throws -> ServiceProcess {
        try ServiceProcess(["--data", folder.path + "/data", "--port", "0"] + arguments, in: folder)
    }

    private func vault(_ notes: Int) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try SampleVault(count: notes, seed: 1).write(to: folder.path + "/notes") { _ in }
        return folder
    }

    private func stats(_ connection: ReplayConnection) async throws -> ServiceReport {
        try await connection.execute(.GET, "/api/stats").json(ServiceReport.self)
    }

    @Test("the service replays, serves, ends cleanly with Ctrl-C, and starts again warm")
    func lifecycle() async throws {
        let folder = try TemporaryFolder()
        let arguments = ["--sample-notes", "80"]
        let first = try start(folder, arguments + ["--requests", "400", "--connections", "2"])
        var connection = try await first.connect()
        #expect(await first.waitForOutput("Ctrl-C stops the service"))
        let replayed = try await stats(connection)
        #expect(replayed.replay.phase == .done && replayed.vault.notes == 80)
        let off = try #require(replayed.replay.cacheOff)
        let on = try #require(replayed.replay.cacheOn)
        #expect(off.requests == 400 && on.requests == 400 && off.failures == 0 && on.failures == 0)
        #expect(on.originQueries < off.originQueries && on.memoryHits > 0)
        let popular = try await connection.execute(.GET, "/api/popular").json([NoteReference].self)
        #expect(!popular.isEmpty)
        for note in popular { _ = try await connection.execute(.GET, NoteView.path(of: note.id)) }
        #expect(await first.stop(SIGINT) == 0)

        let second = try start(folder, arguments + ["--no-replay"])
        connection = try await second.connect()
        for note in popular {
            let page = try await connection.execute(.GET, NoteView.path(of: note.id))
            #expect(page.status == 200 && page.text.contains(HTML.escape(note.title)))
        }
        let warm = try await stats(connection)
        let views = try #require(warm.caches.first { $0.name == "views" })
        #expect(views.storeHits == popular.count && views.misses == 0)
        #expect(warm.origin.queries == 0)
        #expect(await second.stop(SIGTERM) == 0)
    }

    @Test("a Redis server keeps what is cached where one is named", .enabled(if: RedisServer.isInstalled))
    func redis() async throws {
        let server = try await RedisServer.start()
        let folder = try vault(10)
        let arguments = ["--vault", folder.path + "/notes", "--no-replay", "--redis", server.url]
        let first = try start(folder, arguments)
        var connection = try await first.connect()
        #expect(try await connection.execute(.PUT, "/api/notes/new", body: "a new note").status < 300)
        #expect(try await connection.execute(.GET, "/api/notes/new").text.contains("a new note"))
        #expect(await first.stop(SIGTERM) == 0)
        let second = try start(folder, arguments)
        connection = try await second.connect()
        #expect(try await connection.execute(.GET, "/api/notes/new").text.contains("a new note"))
        #expect(try await stats(connection).caches.contains { $0.storeHits > 0 })
        #expect(await second.stop(SIGTERM) == 0)
    }

    @Test("a killed service starts again with everything it acknowledged")
    func killed() async throws {
        let folder = try vault(40)
        let arguments = ["--vault", folder.path + "/notes", "--no-replay"]
        let first = try start(folder, arguments)
        var connection = try await first.connect()
        #expect(try await connection.execute(.GET, "/api/notes/new").status == 404)
        for number in 0..<20 {
            #expect(try await connection.execute(.PUT, "/api/notes/new", body: "number \(number)").status < 300)
            #expect(try await connection.execute(.GET, "/api/notes/new").text.contains("number \(number)"))
        }
        #expect(await first.stop(SIGKILL) == SIGKILL)
        let second = try start(folder, arguments)
        connection = try await second.connect()
        #expect(try await connection.execute(.GET, "/api/notes/new").text.contains("number 19"))
        #expect(try await connection.execute(.GET, "/api/search?q=number").text.contains("\"id\":\"new\""))
        #expect(await second.stop(SIGINT) == 0)
    }

    @Test("a change of a file shows in the service, and the replay leaves a user's notes alone")
    func usersVault() async throws {
        let folder = try vault(40)
        let before = try VaultFolder(path: folder.path + "/notes").stamps()
        let service = try start(folder, ["--vault", folder.path + "/notes", "--requests", "300", "--connections", "2"])
        let connection = try await service.connect()
        #expect(await service.waitForOutput("your notes are not edited"))
        #expect(await service.waitForOutput("Ctrl-C stops the service"))
        #expect(try VaultFolder(path: folder.path + "/notes").stamps() == before)
        try folder.write("# Fresh\n\nunheardof", to: "notes/fresh.md")
        while try await stats(connection).vault.fileChanges == 0 { await Task.yield() }
        #expect(try await connection.execute(.GET, "/api/search?q=unheardof").text.contains("Fresh"))
        #expect(await service.stop(SIGINT) == 0)
    }

    @Test("a port in use, an unreadable vault and a data folder in use end with 1 and words that help")
    func clearErrors() async throws {
        let folder = try vault(5)
        let arguments = ["--vault", folder.path + "/notes", "--no-replay"]
        let first = try start(folder, arguments)
        let connection = try await first.connect()
        let port = connection.port
        let other = try TemporaryFolder()
        func failure(_ arguments: [String], saying words: [String]) async throws {
            let process = try ServiceProcess(arguments, in: other)
            #expect(await process.waitForExit() == 1)
            let text = process.errorText
            for word in words { #expect(text.contains(word), "\(text)") }
        }
        let data = ["--data", other.path + "/data"]
        try await failure(data + arguments + ["--port", "\(port)"], saying: ["Port \(port)", "in use", "--port"])
        try await failure(data + ["--vault", other.path + "/none"], saying: ["no folder at", "none"])
        try other.write("", to: "file")
        try await failure(data + ["--vault", other.path + "/file"], saying: ["is a file"])
        try await failure(["--data", other.path + "/file"] + arguments, saying: ["may not be written", "--data"])
        try await failure(
            ["--data", folder.path + "/data", "--port", "0"] + arguments,
            saying: ["Another notes-vault is using", "--data"]
        )
        #expect(await first.stop(SIGINT) == 0)
    }
}
