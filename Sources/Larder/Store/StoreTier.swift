import MemoryCache

/// One namespace's view of the store: envelopes in, entries out.
///
/// Reads never throw: what cannot be read is a miss, counted with its reason.
struct StoreTier<Key: CacheKey, Value: Sendable>: Sendable {
    let gate: StoreGate
    let coder: EntryCoder<Value>
    let shelf: DictionaryShelf?
    let isConfidential: Bool
    let clock: CacheClock
    let prefix: StoreKey
    let counters: CacheCounters
    let monitor: NamespaceMonitor?
    let spans: CacheSpans?
    let unusable: FailureLog
    let rewraps = Rewraps()
    private let distrusted: Distrust

    /// How long a removed key keeps out what was being loaded when it was removed.
    let tombstoneLife: Duration

    /// Shares the distrusted keys between copies of the tier.
    private final class Distrust: Sendable {
        let keys: Locked<DistrustedKeys>

        init(limit: Int) {
            keys = Locked(DistrustedKeys(limit: limit))
        }
    }

    init(
        gate: StoreGate,
        coder: EntryCoder<Value>,
        shelf: DictionaryShelf?,
        isConfidential: Bool,
        prefix: StoreKey,
        clock: CacheClock,
        counters: CacheCounters,
        monitor: NamespaceMonitor?,
        spans: CacheSpans?,
        unusable: FailureLog,
        distrustLimit: Int,
        tombstoneLife: Duration
    ) {
        self.gate = gate
        self.coder = coder
        self.shelf = shelf
        self.isConfidential = isConfidential
        self.prefix = prefix
        self.clock = clock
        self.counters = counters
        self.monitor = monitor
        self.spans = spans
        self.unusable = unusable
        self.distrusted = Distrust(limit: distrustLimit)
        self.tombstoneLife = tombstoneLife
    }

    // MARK: Reading

    /// Reads one entry.
    func read(_ key: StoreKey) async -> StoreFinding<Value> {
        guard let slots = await slots([key]) else { return .unknown }
        return find(slots[0], key)
    }

    /// Reads several entries; the result has one element for each key.
    func read(_ keys: [StoreKey]) async -> [StoreFinding<Value>] {
        guard let slots = await slots(keys) else { return keys.map { _ in .unknown } }
        return keys.indices.map { find(slots[$0], keys[$0]) }
    }

    /// What the store holds under some keys; `nil` if it did not say.
    func slots(_ keys: [StoreKey]) async -> [StoreSlot]? {
        do {
            let slots = try await readSlots(keys)
            if slots.count == keys.count {
                if let shelf { await shelf.fetch(for: slots.map(\.value), keys) }
                return slots
            }
            counters.countUndecodable("wrong number of answers")
        } catch {
            countFailure(error)
        }
        return nil
    }

    private func readSlots(_ keys: [StoreKey]) async throws -> [StoreSlot] {
        func read() async throws -> [StoreSlot] {
            try await gate.read("read entries") { try await $0.slots(forKeys: keys) }
        }
        func measured() async throws -> [StoreSlot] {
            guard let monitor else { return try await read() }
            return try await monitor.measure(.store) { try await read() }
        }
        guard let spans else { return try await measured() }
        return try await spans.storeRead(of: keys.count, in: "\(type(of: gate.store))") { try await measured() }
    }

    /// Decodes what the store answered.
    ///
    /// Called after the answer, so that a change that failed meanwhile counts.
    private func find(_ slot: StoreSlot, _ key: StoreKey) -> StoreFinding<Value> {
        guard let value = slot.value, !distrusted.keys.withLock({ $0.contains(key) }) else {
            let isRemoved = slot.value != nil || slot.isTombstone
            return StoreFinding(entry: nil, version: slot.version, missReason: isRemoved ? .removed : nil)
        }
        let entry = open(value, key)
        // What a newer version of the program wrote is left where it is: without a version, nothing is filled over it.
        let isNewer =
            entry == nil && (try? Envelope(value.bytes.span.bytes, key: key)).map(coder.schema.isNewer) ?? false
        return StoreFinding(
            entry: entry,
            version: isNewer ? nil : slot.version,
            missReason: entry == nil ? .undecodable : nil
        )
    }

    /// Whether what the store holds under a key is not used, because a change of it failed.
    func isDistrusted(_ key: StoreKey) -> Bool { distrusted.keys.withLock { $0.contains(key) } }

    // MARK: Writing

    /// Writes what was loaded, where nobody wrote or removed the key since it was read.
    ///
    /// Values that cannot be encoded, or that are too large for the store, stay in memory alone.
    ///
    /// - Returns: For each item whether memory may have it, too.
    func keep(_ loaded: [LoadedValue<Value>]) async -> [Bool] {
        var fills: [StoreFill] = []
        var places: [Int] = []
        var removals: [StoreKey] = []
        for (index, item) in loaded.enumerated() where item.tiers.contains(.store) {
            // What the store holds could not be learnt: to write over it might undo a removal.
            guard let version = item.version else { continue }
            do {
                if let write = try seal(item) {
                    fills.append(StoreFill(write, over: version))
                    places.append(index)
                    continue
                }
            } catch {
                gate.report("encode an entry", error)
            }
            if item.replacesStored { removals.append(item.storeKey) }
        }
        for item in loaded where !item.tiers.contains(.store) && item.replacesStored { removals.append(item.storeKey) }
        var mayKeep = loaded.map { _ in true }
        for (place, isWritten) in zip(places, await fill(fills)) { mayKeep[place] = isWritten }
        if !removals.isEmpty { try? await remove(removals) }
        return mayKeep
    }

    /// Fills entries.
    ///
    /// What the store holds for their keys is distrusted if that fails.
    ///
    /// - Returns: For each fill whether it was made, or failed for a reason that does not concern its key.
    func fill(_ fills: [StoreFill]) async -> [Bool] {
        guard !fills.isEmpty else { return [] }
        let made = Locked<[Bool]>([])
        try? await change(fills.map(\.write.key), "fill entries") { store in
            let answer = try await store.fill(fills)
            made.withLock { $0 = answer }
            return zip(fills, answer).filter(\.1).map(\.0.write.key)
        }
        let answer = made.withLock { $0 }
        return answer.count == fills.count ? answer : fills.map { _ in true }
    }

    /// Writes entries, whatever their keys hold.
    ///
    /// What the store holds for their keys is distrusted if that fails.
    ///
    /// - Returns: Whether the store has them.
    @discardableResult
    func write(_ writes: [StoreWrite]) async -> Bool {
        guard let first = writes.first else { return true }
        let keys = writes.map(\.key)
        let change: Void? = try? await change(keys, "write entries") { store in
            if writes.count > 1 {
                try await store.setValues(writes)
            } else {
                try await store.setValue(first.bytes, forKey: first.key, timeToLive: first.timeToLive)
            }
            return keys
        }
        return change != nil
    }

    /// Removes entries, and keeps out what is being loaded for their keys, by any process.
    ///
    /// What the store holds for their keys is distrusted if that fails.
    func remove(_ keys: [StoreKey]) async throws {
        guard !keys.isEmpty else { return }
        try await change(keys, "remove entries") { [tombstoneLife] store in
            try await store.bury(keys, for: tombstoneLife)
            return keys
        }
    }

    /// Removes all entries of the namespace, which may take twenty times as long as an operation on one.
    ///
    /// All that the store holds of it is distrusted if that fails.
    func removeAll() async throws {
        await rewraps.pause()
        defer { rewraps.resume() }
        let begin = distrusted.keys.withLock { $0.beginRemovingAll() }
        do {
            try await gate.change("remove a namespace", timeouts: 20) { [prefix] store in
                _ = try await store.removeAll(withPrefix: prefix)
            }
            distrusted.keys.withLock { $0.settleAll(since: begin) }
        } catch {
            countFailure(error)
            distrusted.keys.withLock { $0.insertAll() }
            throw error
        }
    }

    /// Changes some keys in the store, and keeps the account of what the store may hold for them.
    ///
    /// The operation returns the keys that it did change.
    private func change(
        _ keys: [StoreKey],
        _ name: String,
        _ operation: @escaping @Sendable (any RemoteStore) async throws -> [StoreKey]
    ) async throws {
        do {
            do { try gate.checkLoad() } catch { throw gate.failure(name, error) }
            let alone = distrusted.keys.withLock { $0.begin(keys) }
            let changed = Locked<[StoreKey]>([])
            try await gate.change(name) { [distrusted] store in
                // Runs to its end even if nobody waits for it any more.
                defer { distrusted.keys.withLock { $0.end(keys) } }
                let done = try await operation(store)
                changed.withLock { $0 = done }
            }
            let done = Set(changed.withLock { $0 })
            distrusted.keys.withLock { $0.settle(alone.filter(done.contains)) }
        } catch {
            countFailure(error)
            distrusted.keys.withLock { $0.insert(keys) }
            throw error
        }
    }

    private func countFailure(_ error: any Error) {
        if !(error is CancellationError) { counters.storeFailures.increment() }
    }
}

/// What the store holds under one key, as far as it could be learnt.
struct StoreFinding<Value: Sendable>: Sendable {
    var entry: LiveEntry<Value>?

    /// What a fill has to name; nil if the store did not answer, or if nothing may be filled over what it holds.
    let version: StoreVersion?

    /// Why the entry is missing, if the store knows.
    var missReason: MissReason?

    static var unknown: StoreFinding { StoreFinding(entry: nil, version: nil) }
}

/// A value, or its absence, on its way into the tiers.
struct LoadedValue<Value: Sendable>: Sendable {
    let value: Value?
    let storeKey: StoreKey
    let lifetime: Duration
    let policy: CachePolicy
    var details: EntryDetails?
    var tiers = CacheTiers.all

    /// What the load took; zero if there was none.
    var loadCost = Duration.zero

    /// Where in the invalidation log the load began, where processes share one.
    var position: LogPosition?

    /// The mark with which it enters memory.
    var mark = LogMark.oldest

    /// What the store held when the load began; nil if that is not known.
    var version: StoreVersion?

    /// Whether the store may hold an entry that this one makes wrong.
    var replacesStored = true
}
