import ArgumentParser
import Foundation
import Larder
import LarderSQLite
import Logging

/// The arguments that name a store file.
struct StoreArguments: ParsableArguments {
    @Argument(help: "The file of the store, as given to SQLiteStore.")
    var file: String

    /// Opens the store, runs `body`, and closes it.
    ///
    /// `SQLiteStore` would make a file that is missing, and set one aside that it cannot read. A command that looks
    /// into files leaves both alone.
    func withStore<Result>(_ body: (SQLiteStore) async throws -> Result) async throws -> Result {
        try FileHeader.check(file, letters: "Lard", kind: "store")
        let store = try SQLiteStore(path: file, logger: Logger(label: "larder"))
        do {
            let result = try await body(store)
            await store.shutdown()
            return result
        } catch {
            await store.shutdown()
            throw error
        }
    }
}

/// The first bytes of our files.
enum FileHeader {
    /// Checks that a file begins like one of ours: the magic bytes of SQLite, and at offset 68 four letters.
    static func check(_ file: String, letters: String, kind: String) throws {
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw CommandError("There is no file '\(file)' that can be read. Give the path of a \(kind).")
        }
        defer { try? handle.close() }
        let header = try handle.read(upToCount: 72) ?? Data()
        guard header.starts(with: "SQLite format 3\0".utf8), header.dropFirst(68).elementsEqual(letters.utf8) else {
            throw CommandError("The file '\(file)' is not a \(kind) of Larder. Nothing was changed.")
        }
    }
}

/// What went wrong, and what to do about it.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension RemoteStore {
    /// Calls `body` with all keys that start with a prefix, a page at a time.
    func forEachPage(ofKeysWithPrefix prefix: StoreKey, _ body: ([StoreKey]) async throws -> Void) async throws {
        let size = 1_000
        var last: StoreKey?
        while true {
            let page = try await keys(withPrefix: prefix, after: last, limit: size)
            if !page.isEmpty { try await body(page) }
            guard page.count == size else { return }
            last = page.last
        }
    }
}
