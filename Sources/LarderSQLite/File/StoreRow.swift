import Larder
import SQLite

/// A write in the form that the file holds.
///
/// Times are milliseconds of the wall clock.
struct StoreRow: Sendable {
    let key: [UInt8]
    let value: [UInt8]
    let expiresAt: Int64
    let timeToLive: Int64

    /// Longer lives are cut to this, 292,000 years, so that no sum overflows.
    private static let longestLife = Int64.max / 1_000

    /// Takes a write that begins its life now.
    init(_ write: StoreWrite, now: Int64, limit: Int) throws {
        timeToLive = try Self.milliseconds(ofLife: write.timeToLive, key: write.key)
        let size = write.key.bytes.count + write.bytes.count
        guard size <= limit else {
            throw SQLiteStoreError(
                .valueTooLarge,
                "'\(write.key)' and its value take \(size) bytes of at most \(limit). Raise maximumValueBytes."
            )
        }
        key = write.key.bytes
        value = write.bytes
        expiresAt = now + timeToLive
    }

    /// Cuts a life to what the file can hold.
    static func milliseconds(ofLife life: Duration, key: StoreKey?) throws -> Int64 {
        guard life > .zero else {
            throw SQLiteStoreError(
                .invalidTimeToLive,
                "The time to live of '\(key?.description ?? "no key")' is \(life). Use more than zero, or remove the key."
            )
        }
        return min(life.wholeMilliseconds, longestLife)
    }

    var size: Int { key.count + value.count }
}
