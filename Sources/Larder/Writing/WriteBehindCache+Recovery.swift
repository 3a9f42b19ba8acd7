import Logging
import MemoryCache

extension WriteBehindCache {
    /// Takes up the records that an earlier process left.
    func takeUp(_ records: [JournalRecord]) async throws {
        var writes: [PendingWrite<Key, Value>] = []
        var claimed: [UInt64: Int] = [:]
        var unreadable: [JournalSettlement] = []
        let now = clock.now
        for record in records {
            let body: JournalBody
            let write: (key: Key, change: WriteChange<Value>)
            do {
                body = try JournalBody(record.body.span.bytes, sequence: record.sequence, storeKey: record.key)
                write = try coder.write(body, record.key)
            } catch {
                unreadable.append(burial(of: record, "the write cannot be decoded: \(cache.namespace.loggable(error))"))
                continue
            }
            if let token = record.token, let index = claimed[token] {
                let older = writes[index].change
                writes[index].change = older.followed(by: write.change, merging: rule)
                writes[index].sequences.append(record.sequence)
                writes[index].bytes += size(record)
                continue
            }
            var pending = PendingWrite(
                key: write.key,
                storeKey: record.key,
                change: write.change,
                sequences: [record.sequence],
                bytes: size(record),
                since: now,
                stage: .ready,
                isJournaled: true,
                isDirect: false
            )
            if let token = record.token {
                pending.token = token
                pending.attempts = record.attempts
                claimed[token] = writes.count
            }
            writes.append(pending)
        }
        if !unreadable.isEmpty {
            logger.error("Pending writes could not be decoded", metadata: ["dead_letters": "\(unreadable.count)"])
            do { try await journal.settle(unreadable) } catch { throw Self.journalFailure(error) }
        }
        update { state in
            for write in writes { state.pending.insert(write) }
            state.pending.statistics.deadLetters += unreadable.count
        }
    }

    private func burial(of record: JournalRecord, _ reason: String) -> JournalSettlement {
        let letter = DeadLetter(
            number: record.sequence,
            key: record.key,
            body: record.body,
            attempts: record.attempts,
            reason: reason
        )
        return JournalSettlement(sequences: [record.sequence], deadLetter: letter)
    }

    func size(_ record: JournalRecord) -> Int { record.key.bytes.count + record.body.count }
}

// MARK: - Dead letters

extension WriteBehindCache {
    /// Lists the writes that were given up, oldest first.
    ///
    /// - Parameters:
    ///   - number: The number of the last one of the page before, or `nil` for the first page.
    ///   - limit: The largest number of dead letters to return, at least 1.
    /// - Returns: The dead letters that come next; fewer than `limit` of them means the end.
    /// - Throws: ``CacheError`` with the code `journalUnavailable`.
    public func deadLetters(after number: UInt64? = nil, limit: Int = 100) async throws -> [DeadLetter] {
        do {
            return try await journal.deadLetters(after: number, limit: limit)
        } catch {
            throw Self.journalFailure(error)
        }
    }

    /// Makes pending writes of dead letters again.
    ///
    /// Each goes behind the pending writes of its key, with the token that it had: a put overwrites what the sink took
    /// meanwhile.
    ///
    /// - Parameter numbers: The dead letters; `nil` for all.
    /// - Returns: How many there were.
    /// - Throws: ``CacheError`` with the code `journalUnavailable`.
    @discardableResult
    public func replayDeadLetters(_ numbers: [UInt64]? = nil) async throws -> Int {
        do {
            let count = try await journal.requestReplay(of: numbers)
            try await revive(journal.renewLease())
            return count
        } catch {
            throw Self.journalFailure(error)
        }
    }

    /// Forgets dead letters for good.
    ///
    /// - Parameter numbers: The dead letters; `nil` for all.
    /// - Returns: How many were dropped.
    /// - Throws: ``CacheError`` with the code `journalUnavailable`.
    @discardableResult
    public func dropDeadLetters(_ numbers: [UInt64]? = nil) async throws -> Int {
        do {
            return try await journal.dropDeadLetters(numbers)
        } catch {
            throw Self.journalFailure(error)
        }
    }

    /// Makes pending writes of dead letters that somebody asked to be tried again.
    func revive(_ letters: [DeadLetter]) async throws {
        for letter in letters {
            let body: JournalBody
            let write: (key: Key, change: WriteChange<Value>)
            do {
                body = try JournalBody(letter.body.span.bytes, sequence: letter.number, storeKey: letter.key)
                write = try coder.write(body, letter.key)
            } catch {
                var letter = letter
                letter.reason = "the write cannot be decoded: \(cache.namespace.loggable(error))"
                try await journal.settle([JournalSettlement(sequences: [], deadLetter: letter)])
                continue
            }
            try await revive(letter, body, write.key, write.change)
        }
    }

    private func revive(
        _ letter: DeadLetter,
        _ body: JournalBody,
        _ key: Key,
        _ change: WriteChange<Value>
    ) async throws {
        let now = clock.now
        let sequence = update { state in
            let sequence = state.pending.nextNumber()
            var write = PendingWrite(
                key: key,
                storeKey: letter.key,
                change: change,
                sequences: [sequence],
                bytes: letter.key.bytes.count + letter.body.count,
                since: now,
                stage: .saving,
                isJournaled: true,
                isDirect: false
            )
            write.token = letter.number
            state.pending.insert(write)
            return sequence
        }
        let record = JournalRecord(
            sequence: sequence,
            key: letter.key,
            body: body.encode(sequence: sequence, storeKey: letter.key),
            token: letter.number
        )
        do {
            try await journal.revive([record])
            update { $0.pending.noteSaved(sequence, key) }
        } catch {
            update { $0.pending.withdraw(sequence, key) }
            throw error
        }
    }
}
