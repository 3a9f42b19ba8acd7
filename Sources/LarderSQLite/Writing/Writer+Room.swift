import SQLite

extension Writer {
    /// How many rows one transaction removes, so that other processes get in between.
    private static let rowsPerTransaction = 256

    /// How far below the limit an eviction goes at most, so that writers do not wait long for it.
    private static let largestMargin = 8 << 20

    /// Removes what has expired.
    ///
    /// - Returns: How many rows were removed.
    func sweep(_ file: StoreFile) throws -> Int {
        var rows = 0
        while true {
            let slice = try sweepSlice(file)
            rows += slice
            if slice < Self.rowsPerTransaction { return rows }
        }
    }

    /// Removes some of what has expired.
    ///
    /// - Returns: Whether there may be more.
    func sweepsSlice(_ file: StoreFile) throws -> Bool {
        try sweepSlice(file) == Self.rowsPerTransaction
    }

    private func sweepSlice(_ file: StoreFile) throws -> Int {
        // Without this look, each process would take the lock of the writer once per second for nothing.
        guard try file.hasExpired(now: now()) else { return 0 }
        let rows = try file.connection.write {
            try file.removeExpired(limit: Self.rowsPerTransaction, now: now())
        }
        tally.update { $0.expirations += rows }
        shortenLog()
        return rows
    }

    /// Evicts the entries that expire next, if the file is larger than the limit.
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
            // An empty file may be larger than a very small limit.
            guard removal.rows > 0 else { return false }
            shortenLog()
        }
        return true
    }

    /// How many transactions of evictions keep up with some writes.
    static func slices(for writes: Int) -> Int { 8 + 2 * writes / rowsPerTransaction }
}
