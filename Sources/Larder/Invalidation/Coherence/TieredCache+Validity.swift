import MemoryCache

extension TieredCache {
    /// What memory holds under a key, as far as it may still be served: an entry that was softly invalidated is stale,
    /// and one that was invalidated is gone.
    func held(_ key: Key, _ storeKey: StoreKey? = nil) -> (value: MemoryEntry<Value>, deadline: UInt64)? {
        guard var held = memory.peek(forKey: key) else { return nil }
        guard held.value.mark < coherence.lazyMark else { return held }
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
            return held
        case .stale:
            let tags = held.value.details?.tags ?? []
            let isInvalidated = coherence.isInvalid(storeKey, tags: tags, from: LogMark(held.value.mark))
            return stale(held, key, isInvalidated: isInvalidated)
        case .none:
            let old = held.value.mark
            memory.update(forKey: key) { $0.mark > old }
            return nil
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

    /// Whether a copy that was found before may still be served as stale.
    func isServable(_ copy: LiveEntry<Value>, _ key: Key, since mark: LogMark?) -> Bool {
        guard let mark, let storeKey = try? storeKey(key) else { return true }
        return !coherence.isRemoved(storeKey, tags: copy.details?.tags ?? [], since: mark)
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
        guard var entry = finding.entry else { return finding }
        let admission = coherence.admission(
            ofStoredFrom: entry.position,
            key: storeKey,
            tags: entry.details?.tags ?? [],
            ticket: ticket
        )
        var finding = finding
        entry.mark = admission.memoryMark
        entry.judged = ticket.applied
        switch admission.service {
        case .hit:
            finding.entry = entry
        case .stale:
            entry.freshUntil = min(entry.freshUntil, clock.now)
            finding.entry = entry
        case .none:
            finding.entry = nil
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
