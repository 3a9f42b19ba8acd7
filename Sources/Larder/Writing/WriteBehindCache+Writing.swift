import MemoryCache

extension WriteBehindCache {
    /// Writes a value to the journal, from where it goes to the sink and to the tiers.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its encoded form.
    /// - Throws: ``CacheError`` for a key out of range or a value that cannot be encoded; with the code `overloaded` if
    ///   too many writes are pending and the policy refuses; with the code `journalUnavailable` if the journal cannot
    ///   keep it, because its disk is full for example; with the code `journalInUse` if another process has taken the
    ///   journal over, or `shutDown`. `CancellationError` if the task is cancelled while it waits for room. After an
    ///   error the write is not pending.
    public func setValue(_ value: Value, forKey key: Key) async throws {
        try await write(.put(value), key)
    }

    /// Writes the removal of a value to the journal.
    ///
    /// - Parameter key: The key of the entry.
    /// - Throws: What ``setValue(_:forKey:)`` throws.
    public func removeValue(forKey key: Key) async throws {
        try await write(.delete, key)
    }

    /// Writes to the journal that a value is to be merged into what the key holds.
    ///
    /// Merges of one key that wait together reach the sink as one.
    ///
    /// - Parameters:
    ///   - operand: What is merged.
    ///   - key: The key of the entry.
    /// - Throws: ``CacheError`` with the code `invalidConfiguration` if the cache has no ``MergeRule``, and what
    ///   ``setValue(_:forKey:)`` throws.
    public func mergeValue(_ operand: Value, forKey key: Key) async throws {
        guard rule != nil else {
            throw CacheError(.invalidConfiguration, "The cache does not know how to merge; make it with a MergeRule.")
        }
        try await write(.merge(operand), key)
    }

    /// Hands everything that is pending to the sink, and waits until nothing is.
    ///
    /// - Throws: `CancellationError` if the task is cancelled; ``CacheError`` with the code `shutDown`.
    public func flush() async throws {
        try await wait(in: \.idlers) { state in
            state.pending.isFlushing = true
            return state.pending.isEmpty
        }
    }

    // MARK: -

    private func write(_ change: WriteChange<Value>, _ key: Key) async throws {
        let storeKey = try cache.storeKey(key)
        let body = try coder.body(of: change, key, storeKey)
        let bytes = storeKey.bytes.count + JournalBody.headSize + body.value.count
        while true {
            switch try accept(change, key, storeKey, body, bytes) {
            case .kept: return
            case .toSave(let record): return try await save(record, key)
            case .full(.wait): try await wait(in: \.crowd) { $0.pending.hasRoom(for: bytes) }
            case .full(.writeThrough): return try await writeThrough(change, key, storeKey, bytes)
            case .full(.refuse):
                throw CacheError(
                    .overloaded,
                    "The journal is full. Write less, raise maximumPendingWrites or its bytes, or see why the sink is slow."
                )
            }
        }
    }

    private enum Acceptance {
        case kept
        case toSave(JournalRecord)
        case full(WriteBehindPolicy.Overload)
    }

    private func accept(
        _ change: WriteChange<Value>,
        _ key: Key,
        _ storeKey: StoreKey,
        _ body: JournalBody,
        _ bytes: Int
    ) throws -> Acceptance {
        let now = clock.now
        let acceptance: Result<Acceptance, CacheError> = update { state in
            if let closure = state.closure { return .failure(closure) }
            guard state.pending.hasRoom(for: bytes) else {
                if case .refuse = policy.overload { state.pending.statistics.refused += 1 }
                return .success(.full(policy.overload))
            }
            let stage: PendingWrite<Key, Value>.Stage =
                switch policy.durability {
                case .everyWrite: .saving
                case .interval: .unsaved
                case .memoryOnly: .ready
                }
            let isJournaled = policy.durability != .memoryOnly
            let sequence = state.pending.accept(
                change,
                key,
                storeKey,
                bytes: bytes,
                now: now,
                stage: stage,
                isJournaled: isJournaled
            )
            guard isJournaled else { return .success(.kept) }
            let record = JournalRecord(
                sequence: sequence,
                key: storeKey,
                body: body.encode(sequence: sequence, storeKey: storeKey)
            )
            guard case .unsaved = stage else { return .success(.toSave(record)) }
            state.unsaved.append((record, key))
            return .success(.kept)
        }
        return try acceptance.get()
    }

    private func save(_ record: JournalRecord, _ key: Key) async throws {
        do {
            try await journal.append([record])
            update { $0.pending.noteSaved(record.sequence, key) }
            if state.withLock({ $0.isJournalFailing }) { noteJournal(nil) }
        } catch {
            update { $0.pending.withdraw(record.sequence, key) }
            noteDeparture()
            if !isDeposed(error) { noteJournal(error) }
            throw Self.journalFailure(error)
        }
    }

    /// Hands a write to the sink, behind earlier writes of its key, and waits for the result.
    private func writeThrough(
        _ change: WriteChange<Value>,
        _ key: Key,
        _ storeKey: StoreKey,
        _ bytes: Int
    ) async throws {
        let now = clock.now
        try await withCheckedThrowingContinuation { continuation in
            let closure = update { state in
                if let closure = state.closure { return closure as CacheError? }
                let sequence = state.pending.accept(
                    change,
                    key,
                    storeKey,
                    bytes: bytes,
                    now: now,
                    stage: .ready,
                    isJournaled: false,
                    isDirect: true
                )
                state.direct[sequence] = continuation
                return nil
            }
            if let closure { continuation.resume(throwing: closure) }
        }
    }

    // MARK: Waiting

    /// Waits in a line, unless a condition holds.
    private func wait(
        in line: any WritableKeyPath<WriteBehindState<Key, Value>, WaitingLine> & Sendable,
        unless condition: (inout WriteBehindState<Key, Value>) -> Bool
    ) async throws {
        let ticket = state.withLock { $0[keyPath: line].ticket() }
        defer { state.withLock { $0[keyPath: line].leave(ticket) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = update { state in
                    if let closure = state.closure { return .failure(closure) }
                    if condition(&state) { return .success(()) }
                    return state[keyPath: line].enter(ticket, continuation) ? nil : .failure(CancellationError())
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            state.withLock { $0[keyPath: line].cancel(ticket) }?.resume(throwing: CancellationError())
        }
    }

    /// Lets those in who wait for room, and those on who wait until nothing is pending.
    func noteDeparture(of count: Int = 1) {
        let woken = update { state in
            state.departures += 1
            var woken = state.crowd.removeFirst(count)
            if state.pending.isEmpty {
                state.pending.isFlushing = false
                woken += state.idlers.removeAll()
            }
            return woken
        }
        for continuation in woken { continuation.resume() }
    }
}
