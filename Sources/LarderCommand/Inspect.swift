import ArgumentParser
import Larder
import LarderSQLite

/// Shows what a store holds: the sum of each namespace, or one entry.
struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what a store holds, by namespace, or one of its entries.",
        discussion: """
            A key is written as it stands in the store: the prefix, the namespace, and the parts of the key, joined \
            by ':'. An example is 'larder:users:7'.
            """
    )

    @OptionGroup var store: StoreArguments

    @Option(help: "Shows the entry of this key.")
    var key: String?

    @Option(help: "Lists the keys that start with this text, up to a limit.")
    var prefix: String?

    @Option(help: "How many keys to list.")
    var limit = 100

    func validate() throws {
        if key != nil, prefix != nil { throw ValidationError("Give a key or a prefix, not both.") }
        if limit < 1 { throw ValidationError("The limit has to be at least 1.") }
    }

    func run() async throws {
        try await store.withStore { store in
            if let key {
                print(try await EntryReport(store: store, key: StoreKey(key)).text)
            } else if let prefix {
                for key in try await store.keys(withPrefix: StoreKey(prefix), after: nil, limit: limit) { print(key) }
            } else {
                print(try await NamespaceReport(store: store).text)
            }
        }
    }
}
