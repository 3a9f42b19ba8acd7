package import MemoryCache

/// All that monitoring tells of a namespace, as it was at one moment.
package struct NamespaceReading: Sendable {
    /// What one step of a window brought.
    package struct Step: Sendable {
        package var statistics: CacheStatistics?
        package var latencies: [LatencyPhase: LatencyHistogram] = [:]
    }

    /// A key that is read often, in its readable form.
    package struct HotKey: Sendable {
        package let text: String
        /// How many of the counted reads were of it, at most.
        package let reads: Int
        /// The share that these are, from 0 to 1.
        package let share: Double
    }

    package let name: String
    package let policy: CachePolicy
    package let capacity: MemoryCapacity
    package let hasStore: Bool
    package let findings: [ConfigurationFinding]

    /// Since the cache was made.
    package let total: CacheStatistics
    /// Of the window.
    package let recent: CacheStatistics
    package let latencies: [LatencyPhase: LatencyHistogram]
    /// The steps of the window, by their numbers.
    package let steps: [Int: Step]

    package let hotKeys: [HotKey]
    /// The share of reads that memory would answer, by its capacity in entries; empty if the sample tells too little.
    package let curve: [(capacity: Int, hitRatio: Double)]
    /// See ``LifetimeCurve/relativeExpirations``.
    package let relativeExpirations: [Double]
}

extension TieredCache {
    /// The longest text of a hot key, in characters.
    private static var longestKeyText: Int { 120 }

    func reading(over window: StatisticsWindow, hotKeys: Int, in system: CacheSystem) -> NamespaceReading {
        let total = statistics
        let recent = statistics(over: window)
        var latencies: [LatencyPhase: LatencyHistogram] = [:]
        var steps = (monitor?.steps(window, of: total) ?? [:]).mapValues { NamespaceReading.Step(statistics: $0) }
        for phase in LatencyPhase.allCases {
            latencies[phase] = self.latencies(of: phase, over: window)
            for (number, histogram) in monitor?.latencySteps(phase, window) ?? [:] {
                steps[number, default: NamespaceReading.Step()].latencies[phase] = histogram
            }
        }
        let reads = max(1, observer?.countedReads ?? 1)
        return NamespaceReading(
            name: namespace.name,
            policy: namespace.policy,
            capacity: namespace.memory,
            hasStore: store != nil,
            findings: system.findings(of: namespace),
            total: total,
            recent: recent,
            latencies: latencies,
            steps: steps,
            hotKeys: hottestKeys(hotKeys)
                .map { key, count in
                    .init(text: text(of: key), reads: count, share: min(1, Double(count) / Double(reads)))
                },
            curve: curve(around: namespace.memory.unit == .entries ? namespace.memory.limit : total.entries),
            relativeExpirations: observer?.relativeExpirations ?? []
        )
    }

    /// The share of reads that memory would answer, from a sixteenth to sixteen times of a capacity.
    private func curve(around capacity: Int) -> [(capacity: Int, hitRatio: Double)] {
        var points: [(capacity: Int, hitRatio: Double)] = []
        for octave in -4...4 {
            let entries = octave < 0 ? max(1, capacity) >> -octave : max(1, min(capacity, 1 << 40)) << octave
            guard entries > points.last?.capacity ?? 0 else { continue }
            guard let ratio = estimatedMissRatio(atCapacity: entries) else { return [] }
            points.append((entries, 1 - ratio))
        }
        return points
    }

    /// The form of a key in the store, without what all keys of the namespace begin with; concealed where it is there.
    private func text(of key: Key) -> String {
        guard let key = try? storeKey(key) else { return "" }
        let text = StoreKey(bytes: Array(key.bytes.dropFirst(keyPrefix.count))).description
        return text.count > Self.longestKeyText ? text.prefix(Self.longestKeyText - 1) + "…" : text
    }
}
