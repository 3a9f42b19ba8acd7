import MemoryCache

extension TieredCache {
    /// Looks through the tiers for all keys that a bulk read leads, and loads the rest.
    func lead(_ bulk: inout BulkRead<Key, Value>, _ load: BulkLoader) async throws {
        let ticket = coherence.beginLoad()
        settle(&bulk) { lead in
            guard lead.call.options.readsMemory, let entry = held(lead.call.key, lead.call.storeKey)?.value,
                entry.freshUntil > clock.now
            else { return nil }
            return answer(entry, at: clock.now)
        }
        guard !bulk.leads.isEmpty else { return }
        await find(&bulk, ticket)
        settle(&bulk) { lead in
            guard lead.call.options.readsStore, let stored = lead.finding.entry,
                let answer = usable(stored, lead.call.options)
            else { return nil }
            if !lead.call.options.contains(.skipMemoryWrite), flights.beginStoring(lead.flight) {
                fill(lead.call.key, lead.call.storeKey, stored, ticket)
            }
            let tags = stored.details?.tags ?? []
            setValidity(of: lead.flight, lead.call.storeKey, tags: tags, since: ticket.applied)
            return answer
        }
        for lead in bulk.leads { flights.setFallback(of: lead.flight, lead.finding.entry) }
        while !bulk.leads.isEmpty {
            try Task.checkCancellation()
            let chunk = Array(bulk.leads.prefix(namespace.maximumBatch))
            let outcomes = try await loadChunk(chunk, ticket, load)
            bulk.leads.removeFirst(chunk.count)
            for (lead, outcome) in zip(chunk, outcomes) {
                switch outcome {
                case .success(let answer):
                    flights.finish(lead.flight, .answer(answer))
                    bulk.results[lead.call.key] = .success(count(answer, lead.call.options))
                case .failure(let error):
                    flights.finish(lead.flight, .failure(error))
                    countMiss(lead.call.key, lead.call.options, error)
                    bulk.results[lead.call.key] = .failure(error)
                }
            }
        }
    }

    /// Asks the store about all keys in one round trip.
    private func find(_ bulk: inout BulkRead<Key, Value>, _ ticket: InvalidationNode.LoadTicket) async {
        guard let store, let options = bulk.leads.first?.call.options,
            options.readsStore || !options.contains(.skipStoreWrite)
        else { return }
        let findings = await store.read(bulk.leads.map(\.call.storeKey))
        for index in bulk.leads.indices {
            bulk.leads[index].finding = admitted(findings[index], bulk.leads[index].call.storeKey, ticket)
        }
    }

    /// Loads some keys with one call, and stores what it brings.
    ///
    /// Throws only if the task was cancelled.
    private func loadChunk(
        _ leads: [BulkRead<Key, Value>.Lead],
        _ ticket: InvalidationNode.LoadTicket,
        _ load: BulkLoader
    ) async throws -> [Result<CacheResult<Value>, any Error>] {
        flights.renewDeadlines(of: leads.map(\.flight))
        let begin = clock.now
        let copies = leads.map { newest(held($0.call.key, $0.call.storeKey), $0.finding.entry) }
        let reasons = zip(leads, copies).map { missReason($0.call.key, $0.call.options, $1, $0.finding) }
        var results: [Key: LoadResult<Value>] = [:]
        var failure: (any Error)?
        do {
            guard let first = leads.first else { return [] }
            results = try await ask(first.flight, first.call, hasCopy: copies.allSatisfy { $0 != nil }) {
                try await load(leads.map(\.call.key))
            }
        } catch {
            if Task.isCancelled { throw error }
            failure = error
        }
        let duration = failure == nil ? loadDuration(since: begin) : .zero
        var outcomes: [Result<CacheResult<Value>, any Error>] = []
        var items: [FlownValue] = []
        for ((lead, copy), reason) in zip(zip(leads, copies), reasons) {
            do {
                if let failure { throw failure }
                let result = results[lead.call.key] ?? .absent
                let loaded = try value(of: result, lead.call.key, copy)
                var context = LoadContext<Value>(stale: nil, isRefresh: false, policy: lead.call.policy)
                if case .notModified = result, let copy { context.keepDetails(of: copy) }
                setValidity(of: lead.flight, lead.call.storeKey, tags: context.tags, since: ticket.mark)
                let answer = CacheResult(value: loaded, source: .origin, missReason: reason)
                if flights.beginStoring(lead.flight),
                    let item = loadedValue(loaded, lead.call, context, lead.finding, ticket)
                {
                    items.append((lead.flight, answer, item))
                } else {
                    countFencedLoad(lead.call.key)
                }
                outcomes.append(.success(answer))
            } catch {
                if let answer = keptStandIn(for: lead.call, copy, lead.flight, ticket, insteadOf: error) {
                    outcomes.append(.success(answer))
                } else {
                    outcomes.append(.failure(error))
                }
            }
        }
        await keep(items, leads.first?.call.options ?? [], ticket, loadDuration: duration)
        return outcomes
    }

    /// What one of the results of a bulk load says.
    private func value(of result: LoadResult<Value>, _ key: Key, _ copy: LiveEntry<Value>?) throws -> Value? {
        switch result {
        case .value(let value):
            return value
        case .absent:
            return nil
        case .failed(let error):
            counters.loadFailures.increment()
            throw error
        case .notModified:
            guard let value = copy?.value else { throw Self.nothingToKeep(key) }
            return value
        }
    }

    /// Stores what was loaded in all tiers.
    private func keep(
        _ items: [FlownValue],
        _ options: ReadOptions,
        _ ticket: InvalidationNode.LoadTicket,
        loadDuration: Duration
    ) async {
        var items = items
        for index in items.indices {
            items[index].item.loadCost = loadDuration
            observer?.noteLoad(of: items[index].flight.key, took: loadDuration)
        }
        if let fills, items.contains(where: \.item.isFill) {
            for entry in items {
                put(entry.flight.key, entry.item, options, loadDuration: loadDuration, touchedSince: ticket.mark)
            }
            return fill(items, ticket, through: fills)
        }
        let mayKeep = await store?.keep(items.map(\.item)) ?? items.map { _ in true }
        for (entry, mayKeep) in zip(items, mayKeep) {
            if mayKeep {
                put(entry.flight.key, entry.item, options, loadDuration: loadDuration, touchedSince: ticket.mark)
            } else {
                memory.removeValue(forKey: entry.flight.key)
                countFencedLoad(entry.flight.key)
            }
        }
    }

    /// Ends the flights that have an answer.
    private func settle(
        _ bulk: inout BulkRead<Key, Value>,
        _ answer: (BulkRead<Key, Value>.Lead) -> CacheResult<Value>?
    ) {
        var open: [BulkRead<Key, Value>.Lead] = []
        for lead in bulk.leads {
            if let answer = answer(lead) {
                bulk.results[lead.call.key] = .success(count(answer, lead.call.options))
                // A stale answer is for the caller who allowed it.
                flights.finish(lead.flight, answer.isStale ? .retry : .answer(answer))
            } else {
                open.append(lead)
            }
        }
        bulk.leads = open
    }
}
