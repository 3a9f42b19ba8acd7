import Crypto
public import HTTPCaching

extension EntityTag {
    /// A tag made of the bytes of a response: equal for equal bytes, on each machine.
    ///
    /// - Parameters:
    ///   - bytes: The body of the response.
    ///   - salt: What else the response depends on, such as its encoding, and its tags: some vendors take new tags from
    ///     nothing but a whole response.
    ///   - isWeak: Whether equal tags promise equal meaning alone, as for bodies that are compressed on the way.
    /// - Complexity: O(bytes).
    public init(content bytes: some Collection<UInt8>, salt: [String] = [], isWeak: Bool = false) {
        var hash = SHA256()
        hash.update(data: Array(bytes))
        for part in salt {
            // The length keeps two parts from looking like one.
            hash.update(data: Array("\(part.utf8.count):\(part)".utf8))
        }
        self.init(hash.finalize().prefix(16).hex, isWeak: isWeak)
    }
}
