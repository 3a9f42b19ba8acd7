import MemoryCache

/// What the store or the log could not take of invalidations.
extension TieredCache {
    /// Whether the cache neither serves nor stores a key, because an invalidation that touches it was not delivered
    /// yet.
    func isDenied(_ key: StoreKey) -> Bool { denied?.contains(key) ?? false }

    /// Whether memory may take what is read, loaded or written.
    func mayKeepInMemory(_ key: StoreKey) -> Bool {
        !isPassThrough && !isDenied(key) && foreignChanges?.areObserved ?? true
    }

    /// Keeps invalidations that failed, where the system has a queue for them, to deliver them later.
    ///
    /// - Parameters:
    ///   - records: The invalidations.
    ///   - keys: The keys that they name, if they name some.
    func keepUndelivered(_ records: [InvalidationRecord], of keys: [Key] = []) async {
        guard let undelivered else { return }
        // What is larger than a log takes can never be delivered.
        undelivered.keep((records + derivedRecords(of: records)).filter { (try? $0.encodedSize()) != nil })
        for key in keys { memory.removeValue(forKey: key) }
        await undelivered.save()
    }

    /// Takes out of memory what is denied, if that is everything.
    func dropDenied() {
        guard denied?.isEverything == true else { return }
        flights.detachLoads()
        memory.removeAll()
    }

    /// Carries out invalidations that failed before.
    func deliver(_ records: [InvalidationRecord]) async throws {
        await prepare()
        var failure = await failureOfRemoving(records.flatMap { $0.isSoft ? [] : $0.keys })
        if records.contains(where: { $0.target == .everything && !$0.isSoft }) {
            // Settles, too, what was in doubt since the store did not empty the namespace.
            do { try await store?.removeAll() } catch { failure = failure ?? error }
        }
        try await channel.append(records)
        if coherence.log == nil, store != nil {
            await flights.settle()
            try await carryOutInStore(records)
        }
        if let failure { throw failure }
    }
}
