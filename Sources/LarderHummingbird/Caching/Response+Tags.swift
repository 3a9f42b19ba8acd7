import HTTPStoring
import HTTPTypes
public import Hummingbird

extension Response {
    /// Adds tags, by which the response can be purged, here and at an edge that reads `Surrogate-Key`.
    ///
    /// Use `EdgePolicy` of `LarderEdge` for an edge with limits and fields of its own: the cache reads all of them.
    ///
    /// - Parameter tags: The tags: visible characters without spaces, of which all others are taken for separators.
    public mutating func addTags(_ tags: some Sequence<String>) {
        guard let name = ResponseStore.surrogateKey else { return }
        let all = headers[values: name] + tags
        headers[name] = all.isEmpty ? nil : all.joined(separator: " ")
    }
}
