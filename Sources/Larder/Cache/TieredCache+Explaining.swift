import MemoryCache

extension TieredCache {
    /// Tells what each tier holds under a key, and why it would not be served.
    ///
    /// For people who look for the reason of an answer. It counts as no read and changes nothing.
    ///
    /// - Parameter key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its
    ///   encoded form.
    /// - Returns: What the tiers hold now; print it, or look at its parts.
    /// - Throws: ``CacheError`` for a key out of range.
    /// - Complexity: One round trip to the store.
    public func explain(_ key: Key) async throws -> EntryExplanation {
        let storeKey = try storeKey(key)
        await prepare()
        let memory = explainMemory(key, storeKey)
        let (store, problem) = await explainStore(storeKey)
        return EntryExplanation(
            key: storeKey,
            memory: memory,
            store: store,
            storeProblem: problem,
            waiting: flights.waitingCallers(for: key)
        )
    }

    private func explainMemory(_ key: Key, _ storeKey: StoreKey) -> EntryExplanation.Copy? {
        guard let held = memory.peek(forKey: key) else { return nil }
        let now = clock.now
        let entry = held.value
        let service = coherence.service(ofEntryFrom: entry.mark, key: storeKey, tags: entry.details?.tags ?? [])
        var copy = EntryExplanation.Copy(
            isAbsent: entry.value == nil,
            age: Deadline.duration(until: now, from: entry.storedAt),
            remainingLife: remaining(entry.freshUntil, now),
            remainingGrace: entry.value == nil ? .zero : Deadline.duration(until: held.deadline, from: now),
            tags: [],
            dependencies: 0,
            refusal: refusal(service, isFresh: entry.freshUntil > now)
        )
        copy.note(entry.details)
        copy.position = coherence.position(of: LogMark(entry.mark))
        if entry.isResting(at: now) {
            let rest = Deadline.duration(until: entry.nextLoad, from: now)
            copy.refusal = "a load failed, and the next is tried in \(rest)"
        }
        if entry.details?.isDefaultValue == true { copy.refusal = "it is the default value of the namespace" }
        return copy
    }

    private func explainStore(_ storeKey: StoreKey) async -> (EntryExplanation.Copy?, String?) {
        guard let store else { return (nil, "the namespace has no store") }
        let ticket = coherence.beginLoad()
        let (slot, problem) = await store.look(storeKey)
        guard let slot else { return (nil, problem) }
        guard let value = slot.value else { return (nil, slot.isTombstone ? "a tombstone; it was removed" : nil) }
        guard let entry = store.open(value, storeKey) else { return (nil, problem ?? "an entry that cannot be used") }
        let now = clock.now
        let admission = coherence.admission(
            ofStoredFrom: entry.position,
            key: storeKey,
            tags: entry.details?.tags ?? [],
            ticket: ticket
        )
        var copy = EntryExplanation.Copy(
            isAbsent: entry.value == nil,
            age: Deadline.duration(until: now, from: entry.storedAt),
            remainingLife: remaining(entry.freshUntil, now),
            remainingGrace: entry.value == nil ? .zero : Deadline.duration(until: entry.staleUntil, from: now),
            tags: [],
            dependencies: 0,
            position: entry.position,
            version: slot.version,
            size: value.bytes.count,
            refusal: problem ?? refusal(admission.service, isFresh: entry.isFresh(at: now))
        )
        copy.note(entry.details)
        return (copy, nil)
    }

    private func remaining(_ end: UInt64, _ now: UInt64) -> Duration {
        end > now ? Deadline.duration(until: end, from: now) : .zero - Deadline.duration(until: now, from: end)
    }

    private func refusal(_ service: InvalidationNode.Service, isFresh: Bool) -> String? {
        switch service {
        case .none: "it was invalidated, or loaded where this process does not know the log"
        case .stale: coherence.isCutOff ? "the invalidation log is silent" : "it was softly invalidated"
        case .hit: isFresh ? nil : "it has expired"
        }
    }
}

extension EntryExplanation.Copy {
    fileprivate mutating func note(_ details: EntryDetails?) {
        guard let details else { return }
        tags = details.tags.filter { !DependencyTag.isOne($0) }
        dependencies = details.tags.count - tags.count
        entityTag = details.entityTag
        lastModified = details.lastModified
    }
}

extension StoreTier {
    /// What the store holds under a key, and why that is not used, if it is not.
    func look(_ key: StoreKey) async -> (slot: StoreSlot?, problem: String?) {
        do {
            let slots = try await gate.read("read an entry") { try await $0.slots(forKeys: [key]) }
            return (slots.first, isDistrusted(key) ? "a change of the key failed in the store" : nil)
        } catch {
            return (nil, "\(error)")
        }
    }
}
