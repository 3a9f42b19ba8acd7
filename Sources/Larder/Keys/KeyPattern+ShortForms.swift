extension KeyPattern {
    /// Whether the pattern matches a key of a store, or may match the key that it is the short form of.
    ///
    /// - Parameters:
    ///   - key: The key, as a store lists it.
    ///   - prefixLength: How many bytes of it are the system and the namespace.
    /// - Returns: `false` only if it is known not to match.
    func mayMatch(_ key: StoreKey, prefixLength: Int) -> Bool {
        if let readable = key.readablePart { return mayMatch(keyThatBeginsWith: readable) }
        return matches(key.bytes.dropFirst(prefixLength))
    }
}
