import Larder
import LarderMonitoring

/// The sums of each namespace of a store.
struct NamespaceReport {
    private struct Sum {
        var entries = 0
        var bytes = 0
        var absences = 0
        var unusable = 0
    }

    let text: String

    init(store: some RemoteStore) async throws {
        var sums: [String: Sum] = [:]
        try await store.forEachPage(ofKeysWithPrefix: StoreKey("")) { keys in
            for (key, stored) in zip(keys, try await store.values(forKeys: keys)) {
                guard let stored else { continue }
                var sum = sums[Self.namespace(of: key), default: Sum()]
                sum.entries += 1
                sum.bytes += stored.bytes.count
                do {
                    if try Envelope(stored.bytes.span.bytes, key: key).isAbsent { sum.absences += 1 }
                } catch {
                    sum.unusable += 1
                }
                sums[Self.namespace(of: key)] = sum
            }
        }
        guard !sums.isEmpty else {
            text = "The store is empty."
            return
        }
        let rows = sums.sorted { $0.key < $1.key }
            .map { name, sum in
                [name, "\(sum.entries)", "\(sum.bytes)", "\(sum.absences)", "\(sum.unusable)"]
            }
        text = TextTable.text(head: ["namespace", "entries", "bytes", "absences", "unusable"], rows: rows)
    }

    /// The prefix and the namespace of a key, the first two of its parts.
    private static func namespace(of key: StoreKey) -> String {
        key.description.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).prefix(2)
            .joined(separator: ":")
    }
}
