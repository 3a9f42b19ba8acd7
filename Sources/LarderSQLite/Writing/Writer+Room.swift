import SQLite

extension Writer {
    /// How many rows one transaction removes, so that other processes get in between.
    private static let rowsPerTransaction = 256

    /// How far below the limit an eviction goes at most, so that writers do not wait long for it.
    private static let largestMargin = 8 << 20

    /// Removes what has expired.
    ///
    /// - Returns: How many entries were removed.
    func sweep(_ file: StoreFile) throws -> Int {
        var entries = 0
        while true {
            let slice = try sweepSlice(file)
            entries += slice.entries
            if !slice.mayLeaveMore { return entries }
        }
    }

    /// Removes some of what has expired.
    ///
    /// - Returns: Whether there may be more.
    func sweepsSlice(_ file: StoreFile) throws -> Bool {
        try sweepSlice(file).mayLeaveMore
    }

    private func sweepSlice(_ file: StoreFile) throws -> (entries: Int, mayLeaveMore: Bool) {
        let limit = Self.rowsPerTransaction
        // Without this look, each process would take the lock of the writer once per second for nothing.
        guard try file.hasExpired(now: now()) else { return (0, false) }
        let (entries, tombstones) = try file.connection.write {
            let now = now()
            return (
                try file.removeExpired(limit: limit, now: now),
                try file.tombstones.removeExpired(limit: limit, now: now)
            )
        }
        tally.update { $0.expirations += entries }
        shortenLog()
        return (entries, max(entries, tombstones) == limit)
    }

    /// Evicts the entries that expire next, and then tombstones, if the file is larger than the limit.
    ///
    /// The number of slices says how many transactions may be made of it, so that what waits for the writer gets its
    /// turn; the answer, whether there is more to evict.
    func evict(_ file: StoreFile, slices: Int) throws -> Bool {
        let limit = configuration.maximumBytes
        guard try file.usedBytes() > limit else { return false }
        let target = limit - min(limit / 20, Self.largestMargin)
        for _ in 0..<slices {
            let excess = try file.usedBytes() - target
            guard excess > 0 else { return false }
            let removal = try file.connection.write {
                try file.removeNextToExpire(bytes: excess, limit: Self.rowsPerTransaction, now: now())
            }
            tally.update {
                $0.evictions += removal.live
                $0.expirations += removal.rows - removal.live
            }
            if removal.rows == 0 {
                let limit = Self.rowsPerTransaction
                let givenUp = try file.connection.write { try file.tombstones.giveUp(limit: limit) }
                // An empty file may be larger than a very small limit.
                guard givenUp > 0 else { return false }
            }
            shortenLog()
        }
        return true
    }

    /// How many transactions of evictions keep up with some writes.
    static func slices(for writes: Int) -> Int { 8 + 2 * writes / rowsPerTransaction }
}
