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
        // Without this look, each process would take the lock of the writer once per second for nothing.
        guard try file.hasExpired(now: now()) else { return 0 }
        var expirations = 0
        defer { tally.update { $0.expirations += expirations } }
        while true {
            let rows = try file.connection.write {
                try file.removeExpired(limit: Self.rowsPerTransaction, now: now())
            }
            expirations += rows
            if rows < Self.rowsPerTransaction { return expirations }
        }
    }

    /// Evicts the entries that expire next, if the file is larger than the limit.
    func evict(_ file: StoreFile) throws {
        let limit = configuration.maximumBytes
        guard try file.usedBytes() > limit else { return }
        let target = limit - min(limit / 20, Self.largestMargin)
        while true {
            let excess = try file.usedBytes() - target
            guard excess > 0 else { return }
            let removal = try file.connection.write {
                try file.removeNextToExpire(bytes: excess, limit: Self.rowsPerTransaction, now: now())
            }
            tally.update {
                $0.evictions += removal.live
                $0.expirations += removal.rows - removal.live
            }
            // An empty file may be larger than a very small limit.
            guard removal.rows > 0 else { return }
        }
    }
}
