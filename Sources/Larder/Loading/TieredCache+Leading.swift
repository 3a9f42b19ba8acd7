import MemoryCache

extension TieredCache {
    /// Looks through the tiers for one who leads a flight, and loads what they do not have.
    func lead(
        _ flight: Flight<Key, Value>,
        _ call: LoadCall<Key, Value>,
        _ load: Loader
    ) async throws -> CacheResult<Value> {
        let ticket = coherence.beginLoad()
        // Another flight may have ended between the miss that brought the caller here and this one's start.
        let cached = held(call.key, call.storeKey)
        if call.options.readsMemory, let entry = cached?.value, entry.freshUntil > clock.now, call.accepts(entry.value)
        {
            return answer(entry, at: clock.now)
        }
        let finding = await find(call, ticket)
        if let answer = take(finding, flight, call, ticket) { return answer }
        try Task.checkCancellation()
        flights.setFallback(of: flight, finding.entry)
        let copy = newest(cached, finding.entry)
        if let leasing = leasing(of: call) { return try await leadUnderLease(leasing, flight, call, copy, load) }
        return try await loadAndKeep(flight, call, copy, finding, ticket, load)
    }

    /// Puts what the store holds into memory, if it answers the call.
    func take(
        _ finding: StoreFinding<Value>,
        _ flight: Flight<Key, Value>,
        _ call: LoadCall<Key, Value>,
        _ ticket: InvalidationNode.LoadTicket
    ) -> CacheResult<Value>? {
        guard call.options.readsStore, let stored = finding.entry, stored.isFresh(at: clock.now),
            call.accepts(stored.value)
        else { return nil }
        if !call.options.contains(.skipMemoryWrite), flights.beginStoring(flight) {
            fill(call.key, call.storeKey, stored, ticket)
        }
        setValidity(of: flight, call.storeKey, tags: stored.details?.tags ?? [], since: ticket.applied)
        return answer(stored, at: clock.now)
    }

    /// Asks the store, for what it holds and for what a fill has to name.
    func find(
        _ call: LoadCall<Key, Value>,
        _ ticket: InvalidationNode.LoadTicket
    ) async -> StoreFinding<Value> {
        guard let store, call.options.readsStore || !call.options.contains(.skipStoreWrite) else { return .unknown }
        return admitted(await store.read(call.storeKey), call.storeKey, ticket)
    }

    /// Asks the loader, and stores what it brings.
    func loadAndKeep(
        _ flight: Flight<Key, Value>,
        _ call: LoadCall<Key, Value>,
        _ copy: LiveEntry<Value>?,
        _ finding: StoreFinding<Value>,
        _ ticket: InvalidationNode.LoadTicket,
        _ load: Loader
    ) async throws -> CacheResult<Value> {
        var context = LoadContext(stale: staleCopy(copy), isRefresh: call.isRefresh, policy: call.policy)
        let begin = clock.now
        let reason = missReason(call.key, call.options, copy, finding)
        do {
            let result = try await ask(flight, call, hasCopy: copy != nil) { try await load(call.key, &context) }
            let value: Value?
            switch result {
            case .value(let loaded):
                value = loaded
            case .absent:
                value = nil
            case .notModified:
                guard let copy, let kept = copy.value else { throw Self.nothingToKeep(call.key) }
                value = kept
                context.keepDetails(of: copy)
            case .failed(let error):
                throw error
            }
            try context.validate()
            setValidity(of: flight, call.storeKey, tags: context.tags, since: ticket.mark)
            let answer = CacheResult(value: value, source: .origin, missReason: reason)
            await keep(answer, flight, call, context, finding, ticket, loadDuration: loadDuration(since: begin))
            return answer
        } catch {
            if Task.isCancelled { throw error }
            if !call.isRefresh, let answer = keptStandIn(for: call, copy, flight, ticket, insteadOf: error) {
                return answer
            }
            throw error
        }
    }

    /// Sees to it that those who come after an invalidation do not take what a flight brings from before it.
    func setValidity(of flight: Flight<Key, Value>, _ key: StoreKey, tags: Set<String>, since mark: LogMark) {
        let validity = ResultValidity(mark: mark) { [coherence] in coherence.isTouched(key, tags: tags, since: mark) }
        flights.setValidity(of: flight, validity)
    }

    /// Stores what was loaded in all tiers, unless the key was touched meanwhile.
    private func keep(
        _ answer: CacheResult<Value>,
        _ flight: Flight<Key, Value>,
        _ call: LoadCall<Key, Value>,
        _ context: LoadContext<Value>,
        _ finding: StoreFinding<Value>,
        _ ticket: InvalidationNode.LoadTicket,
        loadDuration: Duration
    ) async {
        guard flights.beginStoring(flight),
            var item = loadedValue(answer.value, call, context, finding, ticket)
        else { return countFencedLoad(call.key) }
        item.loadCost = loadDuration
        observer?.noteLoad(of: call.key, took: loadDuration)
        if leasing(of: call) == nil, item.isFill, let fills {
            put(call.key, item, call.options, loadDuration: loadDuration, touchedSince: ticket.mark)
            fill([(flight, answer, item)], ticket, through: fills)
        } else if let store, await store.keep([item]) == [false] {
            // Another process wrote or removed the key: what memory has is as wrong as what was loaded.
            memory.removeValue(forKey: call.key)
            countFencedLoad(call.key)
        } else {
            put(call.key, item, call.options, loadDuration: loadDuration, touchedSince: ticket.mark)
        }
    }

    /// What was loaded, on its way into the tiers; nil if an invalidation has touched it since.
    func loadedValue(
        _ value: Value?,
        _ call: LoadCall<Key, Value>,
        _ context: LoadContext<Value>,
        _ finding: StoreFinding<Value>,
        _ ticket: InvalidationNode.LoadTicket
    ) -> LoadedValue<Value>? {
        let outcome = coherence.outcome(of: ticket, key: call.storeKey, tags: context.tags, seen: finding.version)
        guard let mark = outcome.memoryMark else { return nil }
        let position = coherence.log == nil ? nil : outcome.position
        // The cache may have begun to pass through since the call did.
        let mayWrite = !effective(call.options, call.storeKey).contains(.skipStoreWrite)
        let mayBeStored = mayWrite && (coherence.log == nil || position != nil)
        return LoadedValue(
            value: value,
            storeKey: call.storeKey,
            lifetime: lifetime(isAbsent: value == nil, call.storeKey, context.policy).timeToLive,
            policy: context.policy,
            details: EntryDetails.of(
                entityTag: context.entityTag,
                lastModified: context.lastModified,
                tags: context.tags,
                weight: context.weight
            ),
            tiers: context.tiers,
            position: position,
            mark: mark,
            version: mayBeStored ? outcome.over : nil,
            replacesStored: mayWrite && (finding.entry != nil || context.tiers.contains(.store))
        )
    }

    static func nothingToKeep(_ key: Key) -> CacheError {
        CacheError(
            .invalidLoad,
            "The loader of key \(key) said notModified, but its context held no stale copy; load the value instead."
        )
    }
}

extension LoadContext {
    /// Takes from a copy that is not modified what the loader said nothing about.
    mutating func keepDetails(of copy: LiveEntry<Value>) {
        entityTag = entityTag ?? copy.details?.entityTag
        lastModified = lastModified ?? copy.details?.lastModified
        weight = weight ?? copy.details?.weight
        tags.formUnion(copy.details?.tags ?? [])
    }

    /// Checks what the loader said.
    func validate() throws(CacheError) {
        try policy.validate()
        guard !tags.contains("") else {
            throw CacheError(.invalidLoad, "The loader set an empty tag; leave it out or give it a name.")
        }
        guard weight ?? 0 >= 0 else {
            throw CacheError(.invalidLoad, "The loader set a negative weight; give zero or more.")
        }
    }
}
