import ArgumentParser
import Larder
import LarderSQLite

/// Removes all entries of a namespace, or of a store.
struct Clear: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Removes all entries of a namespace, or with --all of the store.",
        discussion: "Processes that use the store keep what they have in memory."
    )

    @OptionGroup var store: StoreArguments

    @Option(help: "The prefix and the namespace, such as 'larder:users'.")
    var namespace: String?

    @Flag(help: "Removes everything.")
    var all = false

    func validate() throws {
        guard all != (namespace != nil) else { throw ValidationError("Give either --namespace or --all.") }
        if namespace == "" { throw ValidationError("The namespace is empty; use --all to remove everything.") }
    }

    func run() async throws {
        let prefix = StoreKey(namespace.map { $0 + ":" } ?? "")
        let removed = try await store.withStore { try await $0.removeAll(withPrefix: prefix) }
        print("Removed \(removed)")
    }
}
