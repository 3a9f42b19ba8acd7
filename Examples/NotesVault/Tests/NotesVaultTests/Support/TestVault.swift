import Larder
import LarderSQLite
import Logging

@testable import NotesVault

/// A vault in a temporary folder, with its index and, if asked for, a cache in front of it.
struct TestVault {
    let folder: TemporaryFolder
    let vault: Vault

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Opens a vault; opening the same folder again is a restart.
    init(_ notes: [String: String] = [:], in folder: TemporaryFolder? = nil) async throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        for (id, source) in notes { try folder.write(source, to: "vault/\(id).md") }
        if notes.isEmpty { try folder.write("", to: "vault/.keep") }
        vault = Vault(
            folder: try VaultFolder(path: folder.path + "/vault"),
            index: try VaultIndex.open(path: folder.path + "/index.sqlite"),
            logger: Self.logger
        )
        _ = try await vault.refreshAll()
    }

    /// What a call without a cache answers.
    var origin: OriginNoteRepository { OriginNoteRepository(vault: vault) }
}

/// A repository with a cache over a store on disk.
struct TestCache {
    let repository: CachedNoteRepository
    let caches: NoteCaches
    let system: CacheSystem

    init(_ test: TestVault, store: (any RemoteStore)? = nil) async throws {
        let file = { try SQLiteStore(path: test.folder.path + "/cache.sqlite", logger: TestVault.logger) }
        system = try CacheSystem(store: store ?? file(), logger: TestVault.logger)
        caches = try NoteCaches(system)
        repository = CachedNoteRepository(vault: test.vault, caches: caches, logger: TestVault.logger)
        try await repository.settleChanges()
    }
}

/// An id that the test knows to be valid.
func noteID(_ text: String) throws -> NoteID { try NoteID(validating: text) }
