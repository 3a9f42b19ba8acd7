import Larder
import SQLite

extension StoreFile {
    /// Writes rows in their order, each with a version of its own.
    func put(_ rows: [StoreRow]) throws(SQLiteError) {
        var version = try versions.take(rows.count)
        for row in rows {
            try put(row, version: version)
            version += 1
        }
    }

    /// Writes the rows whose keys hold nothing, or still have the version that goes with them.
    ///
    /// - Returns: For each row whether it was written.
    func fill(_ rows: [FillRow], now: Int64) throws(SQLiteError) -> [Bool] {
        let first = try versions.take(rows.count)
        let refusesVacant = try tombstones.hasGivenUp(now: now)
        var isWritten: [Bool] = []
        for (number, fill) in rows.enumerated() {
            let version = try versions.version(of: fill.row.key, now: now)
            let isAllowed = version == StoreVersion.vacant.row ? !refusesVacant : version == fill.version.row
            if isAllowed { try put(fill.row, version: first + Int64(number)) }
            isWritten.append(isAllowed)
        }
        return isWritten
    }

    /// Removes the entries whose keys still have the versions that go with them.
    ///
    /// - Returns: How many of them were alive.
    func remove(_ removals: [StoreRemoval], now: Int64) throws(SQLiteError) -> Int {
        var live = 0
        for removal in removals where try versions.version(of: removal.key.bytes, now: now) == removal.version.row {
            // Where the key holds a tombstone there is no entry to remove.
            if try remove(removal.key, now: now) { live += 1 }
        }
        return live
    }

    /// Replaces what keys hold by tombstones.
    func bury(_ keys: [StoreKey], until expiresAt: Int64, now: Int64) throws(SQLiteError) {
        var version = try versions.take(keys.count)
        for key in keys {
            _ = try remove(key, now: now)
            try tombstones.put(key.bytes, version: version, expiresAt: expiresAt)
            version += 1
        }
    }
}

/// A fill in the form that the file holds.
struct FillRow: Sendable {
    let row: StoreRow
    let version: StoreVersion
}
