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
    /// A file that is missing is an error here, where `SQLiteStore` would make one.
    func withStore<Result>(_ body: (SQLiteStore) async throws -> Result) async throws -> Result {
        guard FileManager.default.fileExists(atPath: file) else {
            throw ValidationError("There is no file '\(file)'. Give the path of a store.")
        }
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
