import Logging
import MemoryCache

extension WriteBehindCache {
    /// How many calls of the sink may have been given up and not ended.
    private static var maximumAbandonedCalls: Int { 16 }

    /// How long the drain leaves a failing journal alone.
    private static var journalPause: Duration { .seconds(1) }

    private enum Turn: Sendable {
        case write(PendingBatch<Key, Value>)
        case sleep(until: UInt64)
        case end
    }

    /// Hands batches to the sink until the shutdown has had its time or the task is cancelled.
    func drain() async {
        await withDiscardingTaskGroup { group in
            while true {
                switch nextTurn() {
                case .write(let batch): group.addTask { await self.perform(batch) }
                case .sleep(let moment): await wakeUp.sleep(until: moment)
                case .end:
                    state.withLock { $0.hasEnded = true }
                    group.cancelAll()
                    return
                }
            }
        }
    }

    private func nextTurn() -> Turn {
        if Task.isCancelled { return .end }
        let now = clock.now
        let isJammed = caller.abandonedCalls >= Self.maximumAbandonedCalls
        return state.withLock { state in
            var end = Deadline.never
            switch state.phase {
            case .open: break
            case .draining(let moment):
                guard now < moment, !state.pending.isEmpty else { return .end }
                end = moment
            case .closed: return .end
            }
            if isJammed { return .sleep(until: min(end, Deadline.after(Self.journalPause, from: now))) }
            switch state.pending.next(now: now) {
            case .write(let batch): return .write(batch)
            case .wait(let moment):
                state.sleepsUntil = min(end, moment)
                return .sleep(until: min(end, moment))
            }
        }
    }

    /// Takes a batch through the journal, the sink, the journal again, and the tiers.
    private func perform(_ batch: PendingBatch<Key, Value>) async {
        defer { wakeUp.signal() }
        let claims = batch.claims
        if !claims.isEmpty {
            do {
                try await journal.claim(claims)
            } catch {
                if isDeposed(error) { return }
                noteJournal(error)
                release(batch)
                return
            }
        }
        let writes = batch.writes.map { write in
            SinkWrite(
                key: write.key,
                change: write.change,
                sequence: write.sequence,
                token: IdempotencyToken(source: source, number: write.token ?? write.sequence)
            )
        }
        let start = clock.now
        let outcome: Result<[SinkResult], any Error>
        do {
            outcome = .success(try await caller.write(writes))
        } catch {
            // Cut off by the end of the shutdown: the next owner of the journal tries again.
            if Task.isCancelled { return release(batch) }
            outcome = .failure(error)
        }
        // What the sink has done is noted to the end, whether the shutdown has time left or not.
        await Task { await settle(batch, outcome, begun: start) }.value
    }

    private func release(_ batch: PendingBatch<Key, Value>) {
        let moment = Deadline.after(Self.journalPause, from: clock.now)
        update { $0.pending.release(batch, until: moment) }
    }

    /// Notes what came of a batch: in the journal, in the tiers, and among the pending writes.
    private func settle(
        _ batch: PendingBatch<Key, Value>,
        _ outcome: Result<[SinkResult], any Error>,
        begun start: UInt64
    ) async {
        let now = clock.now
        let outcome = outcome.mapError(cache.namespace.loggable).map { $0.map(cache.namespace.loggable) }
        let verdicts = state.withLock { $0.pending.verdicts(of: batch, outcome, now: now) }
        let settlements = zip(batch.writes, verdicts).compactMap { settlement(of: $0, $1) }
        while !settlements.isEmpty {
            do {
                try await journal.settle(settlements)
                noteJournalWorks()
                break
            } catch {
                // No later write of these keys may reach the sink before this is noted: after a crash it would be
                // followed by these.
                if isDeposed(error) { return }
                noteJournal(error)
                if state.withLock({ $0.hasEnded }) { return }
                if (try? await clock.sleep(Self.journalPause)) == nil { return }
            }
        }
        await refreshTiers(batch, verdicts)
        let microseconds = Int(Deadline.duration(until: now, from: start).wholeNanoseconds / 1_000)
        let direct = update { state in
            state.pending.statistics.flushMicroseconds.record(microseconds)
            state.pending.finish(batch, verdicts, now: now) { .random(in: 0...1) }
            return zip(batch.writes, verdicts)
                .compactMap { write, verdict in
                    write.isDirect ? state.direct.removeValue(forKey: write.sequence).map { ($0, verdict) } : nil
                }
        }
        for (continuation, verdict) in direct { tell(continuation, verdict) }
        logDead(batch, verdicts)
        noteDeparture(of: batch.writes.reduce(0) { $0 + $1.sequences.count })
    }

    private func settlement(of write: PendingWrite<Key, Value>, _ verdict: Verdict) -> JournalSettlement? {
        let sequences = write.isJournaled ? write.sequences : []
        switch verdict {
        case .done: return sequences.isEmpty ? nil : JournalSettlement(sequences: sequences)
        case .retry: return nil
        case .dead(let reason):
            guard !write.isDirect else { return nil }
            let number = write.token ?? write.sequence
            // Each part of it was encoded before, so that it can only fail where there is no key to encrypt it with; then
            // the records stay for the next process.
            guard let body = try? coder.body(of: write.change, write.key, write.storeKey) else { return nil }
            let letter = DeadLetter(
                number: number,
                key: write.storeKey,
                body: body.encode(sequence: number, storeKey: write.storeKey),
                attempts: write.attempts,
                reason: reason
            )
            return JournalSettlement(sequences: sequences, deadLetter: letter)
        }
    }

    /// Brings the tiers to what the sink has now.
    private func refreshTiers(_ batch: PendingBatch<Key, Value>, _ verdicts: [Verdict]) async {
        var values: [Key: Value] = [:]
        var removals: [Key] = []
        for (write, verdict) in zip(batch.writes, verdicts) {
            switch (verdict, write.change) {
            case (.retry, _): break
            case (.done, .put(let value)): values[write.key] = value
            case (.done, _), (.dead, _): removals.append(write.key)
            }
        }
        if !values.isEmpty {
            do {
                try await cache.setValues(values)
            } catch {
                removals += values.keys
            }
        }
        // If the store fails, the cache keeps in mind not to read the keys from there.
        if !removals.isEmpty { try? await cache.removeValues(forKeys: removals) }
    }

    private func tell(_ continuation: CheckedContinuation<Void, any Error>, _ verdict: Verdict) {
        switch verdict {
        case .done: continuation.resume()
        case .retry(let reason, _), .dead(let reason):
            continuation.resume(
                throwing: CacheError(
                    .sinkFailed,
                    "The journal is full, and the sink did not take the write: \(reason). Try again later."
                )
            )
        }
    }

    private func logDead(_ batch: PendingBatch<Key, Value>, _ verdicts: [Verdict]) {
        for case (let write, .dead(let reason)) in zip(batch.writes, verdicts) where !write.isDirect {
            logger.error(
                "A write was given up and is a dead letter now",
                metadata: ["key": "\(write.storeKey)", "number": "\(write.token ?? 0)", "reason": "\(reason)"]
            )
        }
    }

    private func noteJournalWorks() {
        if state.withLock({ $0.isJournalFailing }) { noteJournal(nil) }
    }
}
