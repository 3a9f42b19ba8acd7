import MemoryCache

/// One namespace's view of the store: envelopes in, entries out.
///
/// Reads never throw: what cannot be read is a miss, counted with its reason.
struct StoreTier<Key: CacheKey, Value: Sendable>: Sendable {
    private let gate: StoreGate
    private let codec: any CacheCodec<Value>
    private let prefix: StoreKey
    private let clock: CacheClock
    private let counters: CacheCounters
    private let distrusted: Distrust

    /// Shares the distrusted keys between copies of the tier.
    private final class Distrust: Sendable {
        let keys: Locked<DistrustedKeys>

        init(limit: Int) {
            keys = Locked(DistrustedKeys(limit: limit))
        }
    }

    init(
        gate: StoreGate,
        codec: any CacheCodec<Value>,
        prefix: StoreKey,
        clock: CacheClock,
        counters: CacheCounters,
        distrustLimit: Int
    ) {
        self.gate = gate
        self.codec = codec
        self.prefix = prefix
        self.clock = clock
        self.counters = counters
        self.distrusted = Distrust(limit: distrustLimit)
    }

    // MARK: Reading

    func read(_ key: StoreKey) async -> LiveEntry<Value>? {
        guard !distrusted.keys.withLock({ $0.contains(key) }) else { return nil }
        do {
            let stored = try await gate.read("read an entry") { try await $0.value(forKey: key) }
            return stored.flatMap { open($0, key) }
        } catch {
            countFailure(error)
            return nil
        }
    }

    /// Reads several entries; the result has one element for each key.
    func read(_ keys: [StoreKey]) async -> [LiveEntry<Value>?] {
        let trusted = distrusted.keys.withLock { distrusted in keys.filter { !distrusted.contains($0) } }
        guard !trusted.isEmpty else { return keys.map { _ in nil } }
        do {
            let stored = try await gate.read("read entries") { try await $0.values(forKeys: trusted) }
            guard stored.count == trusted.count else {
                counters.countUndecodable("wrong number of answers")
                return keys.map { _ in nil }
            }
            let entries = Dictionary(zip(trusted, stored), uniquingKeysWith: { first, _ in first })
            return keys.map { key in (entries[key] ?? nil).flatMap { open($0, key) } }
        } catch {
            countFailure(error)
            return keys.map { _ in nil }
        }
    }

    /// Checks and decodes what the store answered.
    private func open(_ stored: StoredValue, _ key: StoreKey) -> LiveEntry<Value>? {
        let bytes = stored.bytes.span.bytes
        let envelope: Envelope
        do {
            envelope = try Envelope(bytes, key: key, formatVersion: codec.formatVersion)
        } catch {
            counters.countUndecodable(error.description)
            return nil
        }
        var value: Value?
        if !envelope.isAbsent {
            do {
                value = try codec.decode(bytes.extracting(Envelope.headSize..<bytes.byteCount))
            } catch {
                counters.countUndecodable("undecodable value")
                return nil
            }
        }
        // A store whose clock was set back may answer with more life than the entry ever had.
        let life = min(stored.remainingLife, envelope.timeToLive + envelope.grace)
        let now = clock.now
        return LiveEntry(
            value: value,
            timeToLive: envelope.timeToLive,
            freshUntil: Deadline.after(max(.zero, life - envelope.grace), from: now),
            staleUntil: Deadline.after(life, from: now)
        )
    }

    // MARK: Writing

    /// The bytes of an entry, ready to be written.
    ///
    /// - Returns: `nil` where nothing is to be stored: the entry has no life, or is too large for the store.
    func seal(_ value: Value?, _ key: StoreKey, timeToLive: Duration, grace: Duration) throws -> StoreWrite? {
        guard timeToLive >= .milliseconds(1) else { return nil }
        let grace = value == nil ? .zero : grace
        let envelope = Envelope(
            isAbsent: value == nil,
            formatVersion: codec.formatVersion,
            timeToLive: timeToLive,
            grace: grace
        )
        do {
            let bytes = try envelope.encode(key: key) { buffer in
                if let value { try codec.encode(value, into: &buffer) }
            }
            guard key.bytes.count + bytes.count <= gate.store.maximumEntryBytes else {
                gate.report("store an entry", InvalidBytes("\(bytes.count) bytes are too many for the store"))
                return nil
            }
            return StoreWrite(key: key, bytes: bytes, timeToLive: timeToLive + grace)
        } catch {
            throw CacheError(
                .unencodableValue,
                "The codec could not encode the value of key \(key); check the codec of the namespace.",
                underlyingError: error
            )
        }
    }

    /// Writes what was loaded.
    ///
    /// Values that cannot be encoded, or that are too large for the store, stay in memory alone.
    func keep(_ loaded: [LoadedValue<Value>], grace: Duration) async {
        var writes: [StoreWrite] = []
        var removals: [StoreKey] = []
        for item in loaded {
            do {
                if let write = try seal(item.value, item.storeKey, timeToLive: item.lifetime, grace: grace) {
                    writes.append(write)
                    continue
                }
            } catch {
                gate.report("encode an entry", error)
            }
            removals.append(item.storeKey)
        }
        await write(writes)
        try? await remove(removals)
    }

    /// Writes entries.
    ///
    /// What the store holds for their keys is distrusted if that fails.
    func write(_ writes: [StoreWrite]) async {
        guard let first = writes.first else { return }
        try? await change(writes.map(\.key), "write entries") { store in
            if writes.count > 1 {
                try await store.setValues(writes)
            } else {
                try await store.setValue(first.bytes, forKey: first.key, timeToLive: first.timeToLive)
            }
        }
    }

    /// Removes entries.
    ///
    /// What the store holds for their keys is distrusted if that fails.
    func remove(_ keys: [StoreKey]) async throws {
        guard let first = keys.first else { return }
        try await change(keys, "remove entries") { store in
            if keys.count > 1 {
                _ = try await store.removeValues(forKeys: keys)
            } else {
                _ = try await store.removeValue(forKey: first)
            }
        }
    }

    /// Removes all entries of the namespace, which may take twenty times as long as an operation on one.
    ///
    /// All that the store holds of it is distrusted if that fails.
    func removeAll() async throws {
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
    private func change(
        _ keys: [StoreKey],
        _ name: String,
        _ operation: @escaping @Sendable (any RemoteStore) async throws -> Void
    ) async throws {
        do {
            do { try gate.checkLoad() } catch { throw gate.failure(name, error) }
            let alone = distrusted.keys.withLock { $0.begin(keys) }
            try await gate.change(name) { [distrusted] store in
                // Runs to its end even if nobody waits for it any more.
                defer { distrusted.keys.withLock { $0.end(keys) } }
                try await operation(store)
            }
            distrusted.keys.withLock { $0.settle(alone) }
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

/// A value, or its absence, on its way into the tiers.
struct LoadedValue<Value: Sendable>: Sendable {
    let value: Value?
    let storeKey: StoreKey
    let lifetime: Duration
}
