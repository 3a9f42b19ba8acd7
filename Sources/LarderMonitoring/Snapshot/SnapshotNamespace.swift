/// What a namespace did in the window of a snapshot, and how it is now.
public struct SnapshotNamespace: Codable, Hashable, Sendable {
    /// The settings that advice goes by.
    public struct Settings: Codable, Hashable, Sendable {
        /// How much of it may be in memory, in the ``unit``.
        public var capacity: Int
        /// What the capacity counts: `entries`, `weight` or `bytes`.
        public var unit: String
        /// How long a value is fresh, in seconds.
        public var timeToLive: Double
        /// How much longer its stale copy is kept, in seconds.
        public var grace: Double
        /// Whether values are loaded anew before they expire.
        public var refreshesAhead: Bool
        /// Whether its entries are in the store too.
        public var hasStore: Bool
    }

    /// A capacity, and what memory would do with it.
    public struct CurvePoint: Codable, Hashable, Sendable {
        /// The capacity in entries.
        public var capacity: Int
        /// The share of reads that memory would answer, from 0 to 1.
        public var hitRatio: Double
    }

    /// A lifetime, and the misses by expiry that it would bring.
    public struct LifetimePoint: Codable, Hashable, Sendable {
        /// The lifetime, as a multiple of the real one.
        public var factor: Double
        /// The misses by expiry, as a multiple of the real ones.
        public var expirations: Double
    }

    /// Settings that do not go together.
    public struct Finding: Codable, Hashable, Sendable {
        /// Their names.
        public var settings: [String]
        /// What comes of it, and what to do.
        public var message: String
    }

    /// The name.
    public var name: String
    /// The settings that advice goes by.
    public var settings: Settings
    /// Since the start.
    public var total: SnapshotCounts
    /// In the window.
    public var recent: SnapshotCounts
    /// How long reads of the store, loads, and the age of stale answers were in the window.
    public var latencies: SnapshotLatencies
    /// Its hottest keys, the hottest first.
    public var hottestKeys: [SnapshotHotKey]
    /// What memory would answer with other capacities, the smallest first; empty while the sample tells too little.
    public var curve: [CurvePoint]
    /// What other lifetimes would bring, the shortest first; empty while the sample tells too little.
    public var lifetimes: [LifetimePoint]
    /// Settings that do not go together.
    public var findings: [Finding]

    /// The capacity that ``curve`` is drawn around, in entries: the real one, or what is held now if it is not in
    /// entries.
    public var entryCapacity: Int { settings.unit == "entries" ? settings.capacity : max(1, recent.entries) }

    /// The share of reads that memory would answer with a capacity.
    ///
    /// - Parameter capacity: The capacity in entries.
    /// - Returns: The share, between the points of the curve by a straight line; `nil` beyond its ends, or without one.
    public func expectedHitRatio(atCapacity capacity: Int) -> Double? {
        guard let next = curve.firstIndex(where: { $0.capacity >= capacity }) else { return nil }
        guard curve[next].capacity != capacity else { return curve[next].hitRatio }
        guard next > 0 else { return nil }
        let (low, high) = (curve[next - 1], curve[next])
        let share = Double(capacity - low.capacity) / Double(high.capacity - low.capacity)
        return low.hitRatio + (high.hitRatio - low.hitRatio) * share
    }
}

/// A key that is read often.
public struct SnapshotHotKey: Codable, Hashable, Sendable {
    /// The namespace.
    public var namespace: String
    /// The key as text, shortened if it is long.
    ///
    /// Whoever uses the service may have chosen it: escape it.
    public var key: String
    /// How often it was read in the last hours, at most.
    public var reads: Int
    /// The share of the namespace's reads, from 0 to 1.
    public var share: Double
}
