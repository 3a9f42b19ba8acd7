import Foundation
import Larder
import LarderSQLite
import Logging
import Subprocess
import SystemPackage
import Testing

@Suite struct LarderCommandTests {
    private let folder: URL
    private let file: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "larder-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        file = folder.appending(path: "cache.sqlite").path
    }

    private func fill() async throws {
        let store = try SQLiteStore(path: file, logger: Logger(label: "test"))
        // On a busy machine nothing is to be late.
        let caches = try CacheSystem(store: store, configuration: .init(storeTimeout: .seconds(300)))
        let policy = CachePolicy(
            timeToLive: .seconds(3_600),
            grace: .seconds(30),
            negativeTimeToLive: .seconds(3_600),
            jitter: 0
        )
        let users = try caches.cache(CacheNamespace<Int, String>("users", policy: policy, codec: .text))
        let pages = try caches.cache(CacheNamespace<String, String>("pages", policy: policy, codec: .text))
        try await users.setValues([1: "Ada", 2: "Grace"])
        try await users.setAbsent(forKey: 3)
        try await pages.setValue("<p>", forKey: "home:en")
        await caches.shutdown()
    }

    private func run(_ arguments: String...) async throws -> (output: String, errors: String, status: Int) {
        try await run(arguments)
    }

    private func run(_ arguments: [String]) async throws -> (output: String, errors: String, status: Int) {
        let command = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "larder")
        let result = try await Subprocess.run(
            .path(FilePath(command.path)),
            arguments: .init(arguments),
            output: .string(limit: 1_000_000),
            error: .string(limit: 1_000_000)
        )
        var status = -1
        if case .exited(let code) = result.terminationStatus { status = Int(code) }
        return (result.standardOutput, result.standardError, status)
    }

    @Test("inspect shows the sums of each namespace, lists keys, and explains an entry")
    func inspect() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try await fill()
        let sums = try await run("inspect", file)
        #expect(sums.status == 0)
        let users = sums.output.split(separator: "\n").first { $0.hasPrefix("larder:users") }
        #expect(users?.split(separator: " ").map(String.init) == ["larder:users", "3", "173", "1", "0"])
        #expect(try await run("inspect", file, "--prefix", "larder:pages").output == "larder:pages:home%3Aen\n")
        let entry = try await run("inspect", file, "--key", "larder:users:2").output
        #expect(entry.contains("fresh for"))
        #expect(entry.contains("5 bytes"))
        #expect(try await run("inspect", file, "--key", "larder:users:3").output.contains("absent"))
        let missing = try await run("inspect", file, "--key", "larder:users:4")
        #expect(missing.status == 1)
        #expect(missing.errors.contains("--prefix"))
    }

    @Test("remove and clear take what they are told, and nothing else")
    func removal() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try await fill()
        #expect(try await run("remove", file, "larder:users:1", "larder:users:9").output == "Removed 1 of 2\n")
        #expect(try await run("clear", file).status != 0, "clearing says what to clear")
        #expect(try await run("clear", file, "--namespace", "larder:user").output == "Removed 0\n")
        #expect(try await run("clear", file, "--namespace", "larder:users").output == "Removed 2\n")
        #expect(try await run("inspect", file, "--prefix", "").output == "larder:pages:home%3Aen\n")
        #expect(try await run("clear", file, "--all").output == "Removed 1\n")
        #expect(try await run("inspect", file).output == "The store is empty.\n")
    }

    @Test("a file that is no store is left exactly as it is", arguments: ["", "Not a database.", "SQLite format 3\0"])
    func foreignFiles(content: String) async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(content.utf8).write(to: URL(filePath: file))
        let result = try await run("inspect", file)
        #expect(result.status == 1)
        #expect(result.errors.contains("not a store of Larder"))
        #expect(try Data(contentsOf: URL(filePath: file)) == Data(content.utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["cache.sqlite"])
        let missing = try await run("clear", "--all", file + ".missing")
        #expect(missing.status == 1)
        #expect(missing.errors.contains("There is no file"))
    }

    @Test("dead letters are listed, sent again and dropped, and only where they are")
    func deadLetters() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "writes.journal").path
        let journal = try SQLiteWriteJournal(path: path, logger: Logger(label: "test"))
        let fence = try await journal.open().fence
        let letters = (1...3)
            .map { number in
                let sequence = fence << 36 + UInt64(number)
                let key = StoreKey("larder:users:\(number)")
                let body = JournalBody(kind: .put, schemaVersion: 1, value: [])
                    .encode(sequence: sequence, storeKey: key)
                return DeadLetter(number: sequence, key: key, body: body, attempts: number, reason: "no such group")
            }
        try await journal.settle(letters.map { JournalSettlement(sequences: [], deadLetter: $0) })

        let list = try await run("dead-letters", "list", path)
        let second = list.output.split(separator: "\n").dropFirst(2).first?.split(separator: " ").map(String.init)
        #expect(second == ["\(letters[1].number)", "put", "2", "larder:users:2", "no", "such", "group"])
        #expect(try await run("dead-letters", "replay", path, "\(letters[0].number)").output == "To be replayed: 1\n")
        #expect(try await journal.renewLease() == [letters[0]], "the owner runs meanwhile")
        #expect(try await run("dead-letters", "drop", path).status != 0, "dropping says what to drop")
        #expect(try await run("dead-letters", "drop", path, "\(letters[1].number)").output == "Dropped 1\n")
        #expect(try await run("dead-letters", "drop", path, "--all").output == "Dropped 2\n")
        #expect(try await run("dead-letters", "list", path).output == "There are no dead letters.\n")
        await journal.close()
        try await fill()
        #expect(try await run("dead-letters", "list", file).errors.contains("not a journal of Larder"))
    }

    @Test(
        "simulate --prefetch compares loads ahead with none and with the mean interval, and refuses what it cannot do"
    )
    func prefetch() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let trace = folder.appending(path: "trace.txt")
        let keys = (0..<20_000).map { $0 % 2 == 0 ? $0 / 2 % 100 : 100_000 + $0 }
        try keys.map(String.init).joined(separator: "\n").write(to: trace, atomically: true, encoding: .utf8)
        let arguments = ["--capacities", "1000", "--policies", "lru", "--ttl", "150"]
        let table = try await run(["simulate", trace.path, "--prefetch"] + arguments)
        #expect(table.status == 0)
        let rows = table.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(rows.dropFirst().map { $0[2] } == ["none", "mean-interval", "predicted"])
        #expect(Double(rows[1][3]) == 0)
        #expect(Double(rows[3][3]) ?? 0 > 40)
        #expect(try await run(["simulate", trace.path] + arguments).status != 0)
        #expect(try await run("simulate", trace.path, "--prefetch", "--policies", "arc").status != 0)
    }
}
