import MemoryCache

extension StoreTier {
    /// How often a write is tried that others keep getting ahead of.
    private static var attempts: Int { 8 }

    /// What the store holds under some keys, for a write that is about to be announced; `nil` if it did not say.
    func versions(of keys: [StoreKey]) async -> [StoreKey: StoreVersion]? {
        guard let slots = await slots(keys) else { return nil }
        return Dictionary(zip(keys, slots.map(\.version))) { _, last in last }
    }

    /// Writes entries behind their record in the invalidation log, unless somebody came before.
    ///
    /// Two processes that write one key append their records in one order and may come to the store in the other: what
    /// has the newer record stays. A key that was removed since the versions were asked for stays removed. Where the
    /// store cannot be asked, or too many write the key, the key is removed.
    ///
    /// - Returns: The keys under which the store has something else.
    func write(
        _ writes: [StoreWrite],
        at position: LogPosition,
        over versions: [StoreKey: StoreVersion]?
    ) async -> Set<StoreKey> {
        var versions = versions
        var overtaken: Set<StoreKey> = []
        var open = writes
        for _ in 0..<Self.attempts {
            guard !open.isEmpty else { return overtaken }
            guard let seen = versions else { break }
            let fills = open.map { StoreFill($0, over: seen[$0.key] ?? .vacant) }
            let refused = zip(open, await fill(fills)).filter { !$1 }.map(\.0)
            guard !refused.isEmpty else { return overtaken }
            open = []
            versions = [:]
            guard let slots = await slots(refused.map(\.key)) else {
                open = refused
                break
            }
            for (write, slot) in zip(refused, slots) {
                let holder = slot.value.flatMap { self.position(of: $0, write.key) }
                if slot.version == .vacant || (holder?.precedes(position) ?? false) {
                    versions?[write.key] = slot.version
                    open.append(write)
                } else {
                    overtaken.insert(write.key)
                }
            }
        }
        try? await remove(open.map(\.key))
        return overtaken
    }
}
