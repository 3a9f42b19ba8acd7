import MemoryCache

extension StoreTier {
    /// Checks and decodes what the store answered, and has it encrypted anew if that is due.
    func open(_ stored: StoredValue, _ key: StoreKey) -> LiveEntry<Value>? {
        let decoded: DecodedEntry<Value>
        do {
            decoded = try coder.decode(stored.bytes.span.bytes, key: key)
        } catch {
            counters.countUndecodable(error.description)
            unusable.record("read an entry of \(prefix)", error, now: clock.now)
            return nil
        }
        let envelope = decoded.envelope
        rewrapInBackground(key, envelope.encryptionKey)
        // A store whose clock was set back may answer with more life than the entry ever had.
        let wholeLife = envelope.timeToLive + envelope.grace
        let life = min(stored.remainingLife, wholeLife)
        let now = clock.now
        return LiveEntry(
            value: decoded.value,
            timeToLive: envelope.timeToLive,
            storedAt: Deadline.moment(wholeLife - life, before: now),
            freshUntil: Deadline.after(max(.zero, life - envelope.grace), from: now),
            staleUntil: Deadline.after(life, from: now),
            details: EntryDetails.of(decoded.details),
            position: envelope.position,
            loadCost: envelope.loadCost
        )
    }

    /// Where in the invalidation log the load of an entry began; `nil` if it does not say.
    func position(of stored: StoredValue, _ key: StoreKey) -> LogPosition? {
        (try? Envelope(stored.bytes.span.bytes, key: key))?.position
    }

    /// The bytes of an entry, ready to be written.
    ///
    /// - Returns: `nil` where nothing is to be stored: the entry has no life, or is too large for the store.
    func seal(_ item: LoadedValue<Value>) throws -> StoreWrite? {
        guard item.lifetime >= .milliseconds(1) else { return nil }
        return try seal(
            item.value,
            item.storeKey,
            timeToLive: item.lifetime,
            grace: item.value == nil ? .zero : item.policy.grace,
            item.details,
            loadCost: item.loadCost,
            at: item.position
        )
    }

    /// The bytes of an entry that is fresh for a time to live, which may be zero, and stale for its grace.
    func seal(
        _ value: Value?,
        _ key: StoreKey,
        timeToLive: Duration,
        grace: Duration,
        _ details: EntryDetails?,
        loadCost: Duration,
        at position: LogPosition?
    ) throws -> StoreWrite? {
        var envelope = Envelope(
            isAbsent: value == nil,
            version: EntryVersion.make(at: clock.wallMilliseconds),
            timeToLive: timeToLive,
            grace: grace,
            position: position,
            schemaVersion: coder.schema.version,
            codec: coder.codec.identifier
        )
        envelope.loadCost = loadCost
        do {
            let bytes = try coder.encode(value, envelope, EnvelopeDetails(details), key: key)
            shelf?.lookAfter()
            guard key.bytes.count + bytes.count <= gate.store.maximumEntryBytes else {
                gate.report("store an entry", InvalidBytes("\(bytes.count) bytes are too many for the store"))
                return nil
            }
            return StoreWrite(key: key, bytes: bytes, timeToLive: timeToLive + grace)
        } catch {
            throw CacheError(
                .unencodableValue,
                "The codec could not encode the value of key \(key); check the codec of the namespace.",
                underlyingError: isConfidential ? WithheldError(error) : error
            )
        }
    }
}
