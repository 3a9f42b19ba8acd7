import MemoryCache

extension TieredCache {
    /// What the cache has done in a window, and what it holds in memory now.
    ///
    /// The windows move while ``CacheSystem/run()`` runs, and whenever statistics are asked for.
    ///
    /// - Parameter window: The window; what was done before the cache was made does not count.
    /// - Returns: The counts of the window. Without ``MonitoringRules/measures`` those since the cache was made.
    public func statistics(over window: StatisticsWindow) -> CacheStatistics {
        let statistics = statistics
        guard let monitor else { return statistics }
        monitor.note(statistics)
        return monitor.statistics(window, of: statistics)
    }

    /// How long something took in a window.
    ///
    /// - Parameters:
    ///   - phase: What.
    ///   - window: The window.
    /// - Returns: The durations; none without ``MonitoringRules/measures``.
    public func latencies(of phase: LatencyPhase, over window: StatisticsWindow) -> LatencyHistogram {
        monitor?.histogram(phase, window) ?? LatencyHistogram()
    }

    /// The keys that were read most in the last hours, as far as a sample of the reads tells.
    ///
    /// - Parameter limit: How many keys at most.
    /// - Returns: The keys, the first of them most, with how often they were read, at most.
    public func hottestKeys(_ limit: Int) -> [(key: Key, reads: Int)] {
        observer?.hottest(limit).map { ($0.key, $0.count) } ?? []
    }

    /// Which share of the reads of the last hour memory would have missed with another capacity, as far as a sample of
    /// the keys tells.
    ///
    /// - Parameter entries: The capacity in entries.
    /// - Returns: The share, from 0 to 1; `nil` if the sample has fewer than 100 keys or reads, so that it tells nothing.
    public func estimatedMissRatio(atCapacity entries: Int) -> Double? {
        guard let curve = observer?.curve, curve.requests >= 100, curve.sampledKeys >= 100 else { return nil }
        return curve.missRatio(atCapacity: entries)
    }

    /// Takes the readings that are due.
    func takeReading() {
        monitor?.note(statistics)
        if let threshold = observer?.startHour() { memory.showReads(below: threshold) }
    }

    // MARK: Reasons of misses

    /// Why a read has no answer.
    func missReason(
        _ key: Key,
        _ options: ReadOptions,
        _ copy: LiveEntry<Value>? = nil,
        _ finding: StoreFinding<Value>? = nil
    ) -> MissReason {
        if !options.readsMemory, store == nil || !options.readsStore { return .bypassed }
        let noted = monitor?.departures[key]
        guard let found = finding?.missReason else { return noted ?? (copy == nil ? .cold : .expired) }
        // A tombstone does not tell what set it; this process may know.
        guard found == .removed, let noted, noted != .evicted, noted != .expired else { return found }
        return noted
    }

    /// Counts a read that ended with an error.
    func countMiss(_ key: Key, _ options: ReadOptions, _ error: any Error) {
        if options.contains(.ahead) { return }
        let code = (error as? CacheError)?.code
        let isRefused = code == .overloaded || code == .originUnavailable
        counters.countMiss(isRefused ? .refused : missReason(key, options))
    }

    /// Runs something that removes many entries from memory for one reason.
    func noting(_ reason: MissReason, while body: () -> Void) {
        if let monitor { monitor.noting(reason, while: body) } else { body() }
    }

    /// Notes why the next read of a key will miss.
    func noteDeparture(_ key: Key, _ reason: MissReason?) {
        monitor?.departures[key] = reason
    }
}
