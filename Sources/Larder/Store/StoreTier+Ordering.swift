import MemoryCache

extension StoreTier {
    /// How often a write is tried that others keep getting ahead of.
    private static var attempts: Int { 8 }

    /// Writes entries behind their record in the invalidation log, unless the store has something newer by that order.
    ///
    /// Two processes that write one key append their records in one order and may come to the store in the other.
    /// Where the store cannot be asked, or where too many write the key, the key is removed.
    ///
    /// - Returns: The keys for which the store has something newer.
    func write(_ writes: [StoreWrite], at position: LogPosition) async -> Set<StoreKey> {
        var overtaken: Set<StoreKey> = []
        var open = writes
        for _ in 0..<Self.attempts {
            guard !open.isEmpty else { return overtaken }
            guard let slots = await slots(open.map(\.key)) else { break }
            var fills: [StoreFill] = []
            for (write, slot) in zip(open, slots) {
                let held = slot.value.flatMap { self.position(of: $0, write.key) }
                if InvalidationNode.mayWrite(at: position, over: held) {
                    fills.append(StoreFill(write, over: slot.version))
                } else {
                    overtaken.insert(write.key)
                }
            }
            open = zip(fills, await fill(fills)).filter { !$1 }.map(\.0.write)
        }
        try? await remove(open.map(\.key))
        return overtaken
    }
}
