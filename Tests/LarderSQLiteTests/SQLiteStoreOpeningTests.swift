import Foundation
import Larder
import LarderSQLite
import Logging
import SQLite
import Testing

@Suite("Opening a SQLiteStore")
struct SQLiteStoreOpeningTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("entries outlive the store that wrote them")
    func reopening() async throws {
        let first = try SQLiteStore(in: folder)
        try await first.fill(0..<10)
        await first.shutdown()
        let second = try SQLiteStore(in: folder)
        #expect(try await second.numbers() == Array(0..<10))
    }

    @Test("a missing folder, a folder as the file, and a file as the folder are clear errors")
    func impossiblePaths() async throws {
        try Data([1]).write(to: URL(fileURLWithPath: folder.path + "/file"))
        let cases = [
            (folder.path + "/absent/store.sqlite", "does not exist"),
            (folder.path, "is a folder"),
            (folder.path + "/file/store.sqlite", "not"),
            ("", "names no file"),
            (":memory:", "names no file"),
        ]
        for (path, words) in cases {
            do {
                _ = try SQLiteStore(path: path, logger: Logger(label: "test"))
                Issue.record("'\(path)' was opened.")
            } catch let error as SQLiteStoreError {
                #expect(error.code == .cannotOpen)
                #expect(error.message.contains(words))
            }
        }
    }

    @Test("a folder that may not be written is a clear error", .enabled(if: geteuid() != 0, "root may write all"))
    func noPermission() async throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
        #expect(await code { _ = try SQLiteStore(in: folder) } == .cannotOpen)
    }

    @Test("the database of another program is refused and left as it is")
    func foreignDatabase() async throws {
        let database = try Connection(path: folder.storePath, mode: .create, busyTimeout: .zero)
        try database.execute("CREATE TABLE precious (id INTEGER); INSERT INTO precious VALUES (1)")
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.storePath))
        #expect(await code { _ = try SQLiteStore(in: folder) } == .foreignDatabase)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.storePath)) == before)
        #expect(try folder.contents() == ["store.sqlite"])
    }

    @Test("the database of another program is refused even without any tables")
    func foreignIdentifier() async throws {
        let database = try Connection(path: folder.storePath, mode: .create, busyTimeout: .zero)
        try database.execute("PRAGMA application_id = 12345; PRAGMA user_version = 1")
        #expect(await code { _ = try SQLiteStore(in: folder) } == .foreignDatabase)
        #expect(try database.integer("PRAGMA application_id") == 12_345)
    }

    @Test("a file of another version of the store is emptied", arguments: [1, 99])
    func otherVersion(version: Int) async throws {
        let old = try SQLiteStore(in: folder)
        try await old.fill(0..<10)
        await old.shutdown()
        let database = try Connection(path: folder.storePath, mode: .existing, busyTimeout: .zero)
        try database.execute("PRAGMA user_version = \(version); CREATE TABLE \"a \"\"table\" (id INTEGER)")
        let new = try SQLiteStore(in: folder)
        #expect(try await new.numbers() == [])
        try await new.fill(0..<1)
        #expect(try await new.numbers() == [0])
        #expect(
            try database.texts("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") == [
                "entry", "state", "tombstone",
            ]
        )
        #expect(new.statistics.filesSetAside == 0)
    }

    @Test("an empty file is taken for a new store")
    func emptyFile() async throws {
        try Data().write(to: URL(fileURLWithPath: folder.storePath))
        let store = try SQLiteStore(in: folder)
        try await store.fill(0..<1)
        #expect(try await store.numbers() == [0])
        #expect(store.statistics.filesSetAside == 0)
    }

    @Test("many stores may create one file at once")
    func concurrentCreation() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask { [folder] in
                    let store = try SQLiteStore(in: folder, configuration: .patient)
                    try await store.fill(number..<number + 1)
                    await store.shutdown()
                }
            }
            try await group.waitForAll()
        }
        #expect(try await SQLiteStore(in: folder).numbers() == Array(0..<8))
    }

    @Test("a setting out of its range is refused", arguments: SQLiteStore.Configuration.invalid)
    func invalidConfiguration(configuration: SQLiteStore.Configuration) async throws {
        #expect(await code { _ = try SQLiteStore(in: folder, configuration: configuration) } == .invalidConfiguration)
        #expect(try folder.contents().isEmpty)
    }
}

extension SQLiteStore.Configuration {
    /// One of each setting that is out of its range.
    static var invalid: [SQLiteStore.Configuration] {
        let faults: [(inout SQLiteStore.Configuration) -> Void] = [
            { $0.maximumBytes = 65_535 },
            { $0.maximumValueBytes = 0 },
            { $0.maximumQueuedWrites = 0 },
            { $0.maximumQueuedBytes = 0 },
            { $0.busyTimeout = .milliseconds(-1) },
            { $0.busyTimeout = .seconds(61) },
            { $0.pageCacheBytes = -1 },
            { $0.maximumIdleReaders = 0 },
        ]
        return faults.map { fault in
            var configuration = SQLiteStore.Configuration()
            fault(&configuration)
            return configuration
        }
    }

    /// Waits for locks as long as a loaded machine may take.
    static var patient: SQLiteStore.Configuration {
        var configuration = SQLiteStore.Configuration()
        configuration.busyTimeout = .seconds(30)
        return configuration
    }
}
