import MemoryCache

extension StoreTier {
    /// Makes entries stale, and keeps out what is being loaded for their keys, by any process.
    ///
    /// The copy is written over a version that is asked for before: where another process changes the key in between,
    /// or where there is nothing to keep, the key is removed.
    func expire(_ keys: [StoreKey], grace: Duration?, at position: LogPosition?) async throws {
        guard !keys.isEmpty else { return }
        let found = await read(keys)
        // Buried first: from here on no load that was begun before is stored.
        try await remove(keys)
        let buried = await read(keys)
        var fills: [StoreFill] = []
        for (index, finding) in found.enumerated() {
            let now = clock.now
            guard let entry = finding.entry, let value = entry.value, let version = buried[index].version,
                buried[index].entry == nil
            else { continue }
            let left = Deadline.duration(until: entry.staleUntil, from: now)
            let life = grace.map { min($0, left) } ?? left
            // The life that the copy has had belongs to it, so that its age can be told.
            let age = Deadline.age(of: entry.storedAt, at: now)
            guard life >= .milliseconds(1),
                var write = try? seal(
                    value,
                    keys[index],
                    timeToLive: .zero,
                    grace: age + life,
                    entry.details,
                    loadCost: entry.loadCost,
                    at: position
                )
            else { continue }
            write.timeToLive = life
            fills.append(StoreFill(write, over: version))
        }
        // A copy that cannot be kept is no harm: the key stays removed.
        _ = await fill(fills)
    }
}
