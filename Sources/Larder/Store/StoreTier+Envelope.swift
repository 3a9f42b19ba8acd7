import MemoryCache

extension StoreTier {
    /// Checks and decodes what the store answered.
    func open(_ stored: StoredValue, _ key: StoreKey) -> LiveEntry<Value>? {
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
                value = try codec.decode(bytes.extracting(envelope.bodyOffset..<bytes.byteCount))
            } catch {
                counters.countUndecodable("undecodable value")
                return nil
            }
        }
        // A store whose clock was set back may answer with more life than the entry ever had.
        let wholeLife = envelope.timeToLive + envelope.grace
        let life = min(stored.remainingLife, wholeLife)
        let now = clock.now
        return LiveEntry(
            value: value,
            timeToLive: envelope.timeToLive,
            storedAt: Deadline.moment(wholeLife - life, before: now),
            freshUntil: Deadline.after(max(.zero, life - envelope.grace), from: now),
            staleUntil: Deadline.after(life, from: now),
            details: EntryDetails.of(envelope.details),
            position: envelope.details.position
        )
    }

    /// Where in the invalidation log the load of an entry began; `nil` if it does not say.
    func position(of stored: StoredValue, _ key: StoreKey) -> LogPosition? {
        let envelope = try? Envelope(stored.bytes.span.bytes, key: key, formatVersion: codec.formatVersion)
        return envelope?.details.position
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
        at position: LogPosition?
    ) throws -> StoreWrite? {
        let envelope = Envelope(
            isAbsent: value == nil,
            formatVersion: codec.formatVersion,
            timeToLive: timeToLive,
            grace: grace,
            details: EnvelopeDetails(details, at: position)
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
}
