import ArgumentParser
import Larder
import LarderSQLite

/// Removes entries from a store.
struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Removes entries from a store.",
        discussion: "Processes that use the store keep what they have in memory."
    )

    @OptionGroup var store: StoreArguments

    @Argument(help: "The keys, as they stand in the store, such as 'larder:users:7'.")
    var keys: [String]

    func run() async throws {
        let removed = try await store.withStore { try await $0.removeValues(forKeys: keys.map { StoreKey($0) }) }
        print("Removed \(removed) of \(keys.count)")
    }
}
