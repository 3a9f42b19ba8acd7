import Larder
import RESP

/// What the server answers to who reads a log.
struct LogAnswer {
    /// Which log this is.
    let epoch: UInt64
    /// The offset of the newest record.
    let newest: UInt64
    /// The offset of the newest record that is gone.
    let trimmedThrough: UInt64
    /// The records after the reader's position, if it is one of this log, with their offsets.
    let entries: [(offset: UInt64, body: [UInt8])]

    /// Reads the reply of the script.
    init(_ reply: RESPValue) throws {
        guard let parts = reply.elements, parts.count == 4, let epoch = Self.epoch(parts[0]),
            let newest = Self.offset(parts[1]), let trimmedThrough = Self.offset(parts[2]),
            let entries = parts[3].elements
        else { throw RESPError.unexpected(reply, to: "a read of the log") }
        self.epoch = epoch
        self.newest = newest
        self.trimmedThrough = min(trimmedThrough, newest)
        self.entries = try stride(from: 0, to: entries.count - 1, by: 2)
            .map { index in
                guard let offset = Self.offset(entries[index]), let body = entries[index + 1].stringBytes else {
                    throw RESPError.unexpected(entries[index], to: "a read of the log")
                }
                return (offset, body)
            }
    }

    /// What a reader is told; `nil` if there is nothing new.
    ///
    /// Also a record that is missing, or that cannot be read, is a gap: nobody knows what it touched. The reader gets
    /// what comes before it first.
    func batch(after position: LogPosition?) -> LogBatch? {
        guard let position, position.epoch == epoch, trimmedThrough...newest ~= position.offset else {
            return gap(at: trimmedThrough)
        }
        guard position.offset < newest else { return nil }
        var records: [LoggedInvalidation] = []
        var end = position.offset
        var gapEnd = newest
        for (offset, body) in entries {
            guard offset == end + 1, let record = try? InvalidationRecord(encoded: body) else {
                gapEnd = max(offset == end + 1 ? offset : offset - 1, end + 1)
                break
            }
            records.append(LoggedInvalidation(record, at: offset))
            end = offset
        }
        guard !records.isEmpty else { return gap(at: gapEnd) }
        return LogBatch(
            records: records,
            position: LogPosition(epoch: epoch, offset: end),
            recordsBehind: newest - min(newest, end)
        )
    }

    private func gap(at offset: UInt64) -> LogBatch {
        LogBatch(
            records: [],
            position: LogPosition(epoch: epoch, offset: offset),
            isAfterGap: true,
            recordsBehind: newest - min(newest, offset)
        )
    }

    // MARK: Numbers

    /// Reads an epoch, as the state holds it.
    static func epoch(_ value: RESPValue) -> UInt64? { value.string.flatMap { UInt64($0, radix: 16) } }

    /// Reads an offset; what comes behind a dash is the time of the append.
    static func offset(_ value: RESPValue) -> UInt64? {
        value.string.flatMap { UInt64($0.prefix { $0 != "-" }) }
    }

    /// An epoch, as the state holds it.
    static func text(ofEpoch epoch: UInt64) -> String { String(epoch, radix: 16) }
}
