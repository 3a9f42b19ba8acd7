package import HTTPCaching
import HTTPTypes
package import NIOCore
package import NIOHTTP1

/// What is stored under a URL.
///
/// It never changes: whoever changes a resource stores another one.
package final class Resource: Sendable {
    /// A stored response.
    package struct Entry: Sendable {
        package var head: StoredResponse
        package var body: ByteBuffer
        /// What purges it, its URL among them.
        package var names: [String]
        /// The number of the last purge before its request was sent.
        package var number: UInt64
        /// The fields of an answer with all of the body, where they are sent in this form, but for `Age` and
        /// `Cache-Status`.
        package var headers: HTTPHeaders?

        package init(
            head: StoredResponse,
            body: ByteBuffer,
            names: [String],
            number: UInt64,
            headers: HTTPHeaders? = nil
        ) {
            self.head = head
            self.body = body
            self.names = names
            self.number = number
            self.headers = headers
        }
    }

    package let entries: [Entry]
    /// The heads alone, as the rules want them.
    package let heads: [StoredResponse]
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
            return sum + 512 + entry.body.readableBytes + fields + 32 * (entry.headers?.count ?? 0)
        }
    }
}
