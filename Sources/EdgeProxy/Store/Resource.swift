import HTTPCaching
import HTTPTypes
import NIOCore

/// What is stored under a URL.
///
/// It never changes: whoever changes a resource stores another one.
final class Resource: Sendable {
    /// A stored response.
    struct Entry: Sendable {
        var head: StoredResponse
        var body: ByteBuffer
        /// What purges it, its URL among them.
        var names: [String]
        /// The number of the last purge before its request was sent.
        var number: UInt64
    }

    let entries: [Entry]
    /// The heads alone, as the rules want them.
    let heads: [StoredResponse]
    /// The lowest number of all entries.
    let number: UInt64

    init(_ entries: [Entry]) {
        self.entries = entries
        heads = entries.map(\.head)
        number = entries.map(\.number).min() ?? 0
    }

    /// Roughly how many bytes it takes.
    var weight: Int {
        entries.reduce(256) { sum, entry in
            let fields = entry.head.response.headerFields.reduce(0) { $0 + $1.value.utf8.count + 96 }
            return sum + 512 + entry.body.readableBytes + fields
        }
    }
}
