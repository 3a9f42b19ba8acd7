import MemoryCache

extension TieredCache {
    /// What memory holds under a key, as far as it may still be served: an entry that was softly invalidated is stale,
    /// and one that was invalidated is gone.
    func held(_ key: Key, _ storeKey: StoreKey? = nil) -> HeldEntry<Value>? {
        guard var held = memory.peek(forKey: key) else { return nil }
        guard held.value.mark < coherence.lazyMark(at: clock.now) else {
            renewIfIdle(key, &held.value)
            return HeldEntry(held)
        }
        guard let storeKey = storeKey ?? (try? self.storeKey(key)) else { return nil }
        switch coherence.service(
            ofEntryFrom: held.value.mark,
            key: storeKey,
            tags: held.value.details?.tags ?? []
        ) {
        case .hit(let mark):
            let old = held.value.mark
            held.value.mark = mark.number
            memory.update(forKey: key) { entry in
                if entry.mark == old { entry.mark = mark.number }
                return true
            }
            renewIfIdle(key, &held.value)
            return HeldEntry(held)
        case .stale:
            let tags = held.value.details?.tags ?? []
            let isInvalidated = coherence.isInvalid(storeKey, tags: tags, from: LogMark(held.value.mark))
            if isInvalidated {
                noteDeparture(key, coherence.missReason(storeKey, tags: tags, from: LogMark(held.value.mark)))
            }
            return HeldEntry(stale(held, key, isInvalidated: isInvalidated))
        case .none:
            let old = held.value.mark
            memory.update(forKey: key) { $0.mark > old }
            let tags = held.value.details?.tags ?? []
            noteDeparture(key, coherence.missReason(storeKey, tags: tags, from: LogMark(old)))
            return nil
        }
    }

    /// Lets an entry that lives after access live on, because it is read.
    private func renewIfIdle(_ key: Key, _ entry: inout MemoryEntry<Value>) {
        let now = clock.now
        guard let idleLife = entry.details?.idleLife, entry.freshUntil <= now,
            idleLife.isAlive(freshUntil: entry.freshUntil, at: now)
        else { return }
        let old = entry.freshUntil
        let renewed = idleLife.freshUntil(from: now)
        entry.freshUntil = renewed
        entry.nextLoad = renewed
        memory.update(forKey: key) { entry in
            if entry.freshUntil == old {
                entry.freshUntil = renewed
                entry.nextLoad = renewed
            }
            return true
        }
    }

    /// An entry of memory as a stale copy.
    private func stale(
        _ held: (value: MemoryEntry<Value>, deadline: UInt64),
        _ key: Key,
        isInvalidated: Bool
    ) -> (value: MemoryEntry<Value>, deadline: UInt64) {
        var held = held
        let now = clock.now
        // Its mark stays, since the next read has to find out again whether the log is still silent.
        let mark = held.value.mark
        if held.value.freshUntil > now {
            held.value.freshUntil = now
            held.value.nextLoad = min(held.value.nextLoad, now)
            if isInvalidated {
                // From here on its grace runs.
                memory.update(forKey: key) { entry in
                    if entry.mark == mark {
                        entry.freshUntil = min(entry.freshUntil, now)
                        entry.nextLoad = min(entry.nextLoad, now)
                    }
                    return true
                }
            }
        }
        if isInvalidated, let grace = namespace.policy.graceAfterInvalidation {
            held.deadline = min(held.deadline, Deadline.after(grace, from: held.value.freshUntil))
        }
        return held
    }

    /// Whether an entry of memory that has not been compared with the newest invalidations is still fresh.
    @usableFromInline
    func isStillValid(_ key: Key) -> Bool {
        held(key).map { $0.value.freshUntil > clock.now } ?? false
    }

    /// What was found in the store, as far as it may be served.
    func admitted(
        _ finding: StoreFinding<Value>,
        _ storeKey: StoreKey,
        _ ticket: InvalidationNode.LoadTicket
    ) -> StoreFinding<Value> {
        if isDenied(storeKey) { return .unknown }
        guard let entry = finding.entry else { return finding }
        let admission = coherence.admission(
            ofStoredFrom: entry.position,
            key: storeKey,
            tags: entry.details?.tags ?? [],
            ticket: ticket
        )
        var finding = finding
        switch admission.service {
        case .hit:
            finding.entry = entry.admitted(admission.memoryMark)
        case .stale:
            finding.entry = entry.admitted(admission.memoryMark, freshUntil: clock.now)
        case .none:
            finding.entry = nil
            finding.missReason = coherence.missReason(
                storeKey,
                tags: entry.details?.tags ?? [],
                from: entry.position.map { coherence.mark(of: $0) } ?? ticket.mark
            )
        }
        return finding
    }

    /// Takes out of memory what other processes have removed or written.
    func carryOut(_ effects: InvalidationNode.Effects) {
        guard let type = Key.self as? any DecodableCacheKey.Type else { return }
        for (storeKey, mark) in zip(effects.touchedKeys, effects.touchedMarks) {
            guard storeKey.bytes.starts(with: keyPrefix),
                let key = type.decode(storeKey.bytes.dropFirst(keyPrefix.count)) as? Key
            else { continue }
            memory.update(forKey: key) { $0.mark >= mark.number }
            flights.detachLoad(of: key, unlessBegunAt: mark)
        }
    }

    /// Waits until it is known what the invalidation log says, for the first read of a namespace.
    func prepare() async {
        if coherence.isPrepared { return }
        await coherence.prepare()
    }
}
