import Larder

extension JournalRecord {
    /// A record that puts some bytes, with all that a journal checks.
    static func test(_ number: UInt64, size: Int = 100, fence: UInt64) -> JournalRecord {
        let sequence = fence << 36 + number
        let key = StoreKey("key \(number % 7)")
        let value = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size)
        let body = JournalBody(kind: .put, schemaVersion: 1, value: value)
        return JournalRecord(sequence: sequence, key: key, body: body.encode(sequence: sequence, storeKey: key))
    }

    /// The record as a dead letter.
    var letter: DeadLetter {
        DeadLetter(number: sequence, key: key, body: body, attempts: attempts, reason: "rejected")
    }
}
