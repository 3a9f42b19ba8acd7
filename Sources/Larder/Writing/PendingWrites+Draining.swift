import MemoryCache

extension PendingWrites {
    /// Says what the drain does next, and takes the writes of a batch into its hands.
    mutating func next(now: UInt64) -> Step {
        while let key = resting.popFirst(dueAt: now) {
            queues[key]?.phase = .ready
            urgent.append(key)
        }
        guard running < policy.concurrentBatches else { return .wait(until: Deadline.never) }
        let deadline = batchDeadline(now: now)
        guard !urgent.isEmpty || deadline <= now else {
            return .wait(until: min(deadline, resting.first ?? Deadline.never))
        }
        running += 1
        return .write(PendingBatch(writes: takeBatch()))
    }

    /// When the drain has something to do, unless more happens.
    func nextMoment(now: UInt64) -> UInt64 {
        guard running < policy.concurrentBatches else { return Deadline.never }
        guard urgent.isEmpty else { return now }
        return min(batchDeadline(now: now), resting.first ?? Deadline.never)
    }

    /// When the ready writes have waited long enough for others; `now` if there are enough of them.
    private func batchDeadline(now: UInt64) -> UInt64 {
        guard let first = ready.first, let write = queues[first]?.writes.first else { return Deadline.never }
        if isFlushing || ready.count >= policy.batchWrites || readyBytes >= policy.batchBytes { return now }
        return Deadline.after(policy.batchDelay, from: write.since)
    }

    private mutating func takeBatch() -> [Write] {
        var batch: [Write] = []
        var bytes = 0
        var limit = policy.batchWrites
        while batch.count < limit, let key = urgent.first ?? ready.first {
            guard let first = queues[key]?.writes.first else { break }
            let fits = batch.isEmpty || (bytes + first.bytes <= policy.batchBytes && batch.count < first.batchLimit)
            guard fits else { break }
            if urgent.first != nil {
                urgent.removeFirst()
            } else {
                ready.removeFirst()
                readyBytes -= first.bytes
            }
            guard let write = seal(key) else { continue }
            batch.append(write)
            bytes += write.bytes
            limit = min(limit, write.batchLimit)
        }
        return batch
    }

    private mutating func seal(_ key: Key) -> Write? {
        guard var queue = queues.removeValue(forKey: key) else { return nil }
        defer { queues[key] = queue }
        queue.phase = .running
        queue.writes[0].attempts += 1
        if queue.writes[0].token == nil { queue.writes[0].token = queue.writes[0].sequence }
        return queue.writes[0]
    }

    // MARK: Settling

    /// Says what is to become of the writes of a batch.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - outcome: What the sink answered or threw.
    ///   - now: The time.
    /// - Returns: One verdict for each write.
    func verdicts(of batch: PendingBatch<Key, Value>, _ outcome: Result<[SinkResult], any Error>, now: UInt64)
        -> [Verdict]
    {
        switch outcome {
        case .success(let results):
            zip(batch.writes, results)
                .map { write, result in
                    switch result {
                    case .done: .done
                    case .rejected(let reason): .dead(reason: reason)
                    case .retry(let reason): judge(write, reason, isAlone: true, now)
                    }
                }
        case .failure(let error):
            batch.writes.map { judge($0, "\(error)", isAlone: batch.writes.count == 1, now) }
        }
    }

    private func judge(_ write: Write, _ reason: String, isAlone: Bool, _ now: UInt64) -> Verdict {
        if write.isDirect { return .dead(reason: reason) }
        let age = Deadline.duration(until: now, from: write.since)
        if isAlone, write.attempts >= policy.retry.maximumAttempts || age >= policy.retry.maximumAge {
            return .dead(reason: "given up after \(write.attempts) tries: \(reason)")
        }
        return .retry(reason: reason, isolating: !isAlone)
    }

    /// Ends a batch.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - verdicts: What is to become of each write.
    ///   - now: The time.
    ///   - random: A number from 0 to 1 for each write that is tried again.
    mutating func finish(
        _ batch: PendingBatch<Key, Value>,
        _ verdicts: [Verdict],
        now: UInt64,
        random: () -> Double
    ) {
        running -= 1
        statistics.batches += 1
        statistics.batchSizes.record(batch.writes.count)
        for (write, verdict) in zip(batch.writes, verdicts) {
            switch verdict {
            case .done:
                statistics.written += write.sequences.count
                removeFirst(of: write.key)
            case .dead:
                if !write.isDirect { statistics.deadLetters += 1 }
                statistics.failures += 1
                removeFirst(of: write.key)
            case .retry(_, let isolating):
                statistics.failures += 1
                statistics.retries += 1
                if isolating { queues[write.key]?.writes[0].batchLimit = max(1, batch.writes.count / 2) }
                let delay = policy.retry.delay(afterAttempts: write.attempts, random: random())
                rest(write.key, until: Deadline.after(delay, from: now))
            }
        }
    }

    /// Gives a batch back that never reached the sink.
    mutating func release(_ batch: PendingBatch<Key, Value>, until moment: UInt64) {
        running -= 1
        for write in batch.writes {
            queues[write.key]?.writes[0].attempts -= 1
            rest(write.key, until: moment)
        }
    }

    private mutating func rest(_ key: Key, until moment: UInt64) {
        queues[key]?.phase = .resting
        resting.insert(key, at: moment)
    }
}
