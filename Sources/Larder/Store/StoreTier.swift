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
            let stored = try await gate.run("read an entry") { try await $0.value(forKey: key) }
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
            let stored = try await gate.run("read entries") { try await $0.values(forKeys: trusted) }
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
            entry: MemoryEntry(value: value, freshUntil: Deadline.after(max(.zero, life - envelope.grace), from: now)),
            staleUntil: Deadline.after(life, from: now)
        )
    }

    // MARK: Writing

    /// The bytes of an entry, ready to be written.
    ///
    /// - Returns: `nil` where the entry has no life, so that nothing is to be stored.
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
    /// Values that cannot be encoded stay in memory alone.
    func keep(_ loaded: [LoadedValue<Value>], grace: Duration) async {
        var writes: [StoreWrite] = []
        var removals: [StoreKey] = []
        for item in loaded {
            do {
                if let write = try seal(item.value, item.storeKey, timeToLive: item.lifetime, grace: grace) {
                    writes.append(write)
                } else {
                    removals.append(item.storeKey)
                }
            } catch {
                gate.report("encode an entry", error)
                distrusted.keys.withLock { $0.insert([item.storeKey]) }
            }
        }
        await write(writes)
        try? await remove(removals)
    }

    /// Writes entries.
    ///
    /// What the store holds for their keys is distrusted if that fails.
    ///
    /// - Returns: Whether the store took them.
    @discardableResult
    func write(_ writes: [StoreWrite]) async -> Bool {
        guard let first = writes.first else { return true }
        return await change(writes.map(\.key)) { gate in
            if writes.count > 1 {
                try await gate.run("write entries") { try await $0.setValues(writes) }
            } else {
                try await gate.run("write an entry") { store in
                    try await store.setValue(first.bytes, forKey: first.key, timeToLive: first.timeToLive)
                }
            }
        } == nil
    }

    /// Removes entries.
    ///
    /// What the store holds for their keys is distrusted if that fails.
    func remove(_ keys: [StoreKey]) async throws {
        guard let first = keys.first else { return }
        let error = await change(keys) { gate in
            if keys.count > 1 {
                try await gate.run("remove entries") { _ = try await $0.removeValues(forKeys: keys) }
            } else {
                try await gate.run("remove an entry") { _ = try await $0.removeValue(forKey: first) }
            }
        }
        if let error { throw error }
    }

    /// Removes all entries of the namespace.
    ///
    /// All that the store holds of it is distrusted if that fails.
    func removeAll() async throws {
        do {
            try await gate.run("remove a namespace") { [prefix] in _ = try await $0.removeAll(withPrefix: prefix) }
            distrusted.keys.withLock { $0.removeAll() }
        } catch {
            countFailure(error)
            distrusted.keys.withLock { $0.insertAll() }
            throw error
        }
    }

    private func change(_ keys: [StoreKey], _ body: (StoreGate) async throws -> Void) async -> (any Error)? {
        do {
            try await body(gate)
            distrusted.keys.withLock { $0.remove(keys) }
            return nil
        } catch {
            countFailure(error)
            distrusted.keys.withLock { $0.insert(keys) }
            return error
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
