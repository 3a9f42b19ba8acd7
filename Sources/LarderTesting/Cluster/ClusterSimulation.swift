package import Larder

/// A cluster of nodes that share a store and a log, in one thread, by a seed.
///
/// The nodes make their decisions by the code of the cache. All else is simulated: which of the things under way goes
/// on next is left to chance, so that a message may be late, or a load slow, by as much as may be. Nodes are cut off
/// and come back, restart, and fall behind what the log keeps; the log itself is replaced now and then.
///
/// Each read is checked: it must not see a value that was loaded before an invalidation that had returned on its node,
/// nor, as a hit, one that was invalidated anywhere longer ago than the bound. A violation comes with the seed and with
/// the history of the key.
package struct ClusterSimulation {
    /// A promise that was broken.
    package struct Violation: Error, CustomStringConvertible {
        package let seed: UInt64
        package let message: String
        package let history: [String]

        package var description: String {
            (["\(message) The seed is \(seed)."] + history).joined(separator: "\n")
        }
    }

    /// Where an answer comes from.
    enum Source: String {
        case hit, load, staleCopy
    }

    static let nodeCount = 3
    static let keyCount = 3
    static let tags = ["even", "odd"]
    static let namespace = "n"

    let seed: UInt64
    let fences: Fences
    var random: SplitMix64
    var now = Duration.zero
    var store = SimulatedStore()
    var log: LogRing
    var nodes: [SimulatedNode] = []
    var invalidations: [SimulatedInvalidation] = []
    var writes: [SimulatedWrite] = []
    /// How often the origin has changed each key.
    var origin = [Int](repeating: 0, count: keyCount)
    /// When which version of a key became the oldest that hits may show, once the bound is over.
    var appended: [[(time: Duration, version: Int)]] = Array(repeating: [], count: keyCount)
    /// The oldest version of each key that stale copies may show, once all have heard of it.
    var removed = [Int](repeating: 0, count: keyCount)
    var history: [(key: Int?, line: String)] = []
    var nextNumber = 0

    /// How many reads have been answered, to see that a run was worth something.
    package private(set) var answered = 0

    /// Whether values are also written, and not only loaded.
    ///
    /// A write sets no tombstone: until it has come to the store, nodes must not forget its record. Without writes they
    /// forget all but one, and do not compare the store's entries with any: tombstones have to do.
    private var hasWrites: Bool { seed / 2 % 2 == 1 }

    /// Whether many records are lazy, and the log is short.
    ///
    /// Both have entries compared that are not otherwise, so that they hide what the other fences are good for.
    var isLazy: Bool { seed / 4 % 2 == 1 }

    private var logLimit: Int { isLazy ? 6 : 100 }

    /// Makes a cluster.
    ///
    /// - Parameters:
    ///   - seed: The number that all chances come from.
    ///   - fences: The parts of the protocol that are on.
    package init(seed: UInt64, fences: Fences = .complete) {
        self.seed = seed
        self.fences = fences
        random = SplitMix64(seed: seed)
        log = LogRing(epoch: 1, limit: seed / 4 % 2 == 1 ? 6 : 100)
        for _ in 0..<Self.nodeCount { nodes.append(makeNode()) }
    }

    /// Lets the cluster run, and then heals it and sees whether all nodes agree.
    ///
    /// - Parameter steps: How many steps to take before that.
    /// - Throws: ``Violation`` if a promise is broken.
    package mutating func run(steps: Int = 400) throws(Violation) {
        for _ in 0..<steps { try step() }
        for node in nodes.indices { nodes[node].isPartitioned = false }
        while !invalidations.isEmpty { advanceInvalidation(0) }
        while !writes.isEmpty { advanceWrite(0) }
        for node in nodes.indices {
            while hear(node) {}
            while let flight = nodes[node].flights.keys.min() { try advanceFlight(flight, of: node) }
        }
        // First what memory has, then what the store has.
        try readAll()
        for node in nodes.indices { nodes[node].memory = [:] }
        try readAll()
    }

    /// Has all nodes, which have heard everything, read all keys.
    private mutating func readAll() throws(Violation) {
        for node in nodes.indices {
            for key in 0..<Self.keyCount {
                // All that was invalidated anywhere has come to everybody.
                let newest = appended[key].map(\.version).max() ?? 0
                nodes[node].required[key] = max(nodes[node].required[key] ?? 0, removed[key])
                nodes[node].requiredFresh[key] = max(nodes[node].requiredFresh[key] ?? 0, newest)
                try beginRead(of: key, on: node)
            }
            while let flight = nodes[node].flights.keys.min() { try advanceFlight(flight, of: node) }
        }
    }

    private mutating func step() throws(Violation) {
        now += .milliseconds(Int.random(in: 0...20, using: &random))
        let node = Int.random(in: 0..<nodes.count, using: &random)
        let key = Int.random(in: 0..<Self.keyCount, using: &random)
        switch Int.random(in: 0..<1_000, using: &random) {
        case 0..<300: try beginRead(of: key, on: node)
        case 300..<580:
            for _ in 0..<4 {
                guard let flight = nodes[node].flights.keys.sorted().randomElement(using: &random) else { return }
                // Some loads take very long.
                guard seed % 2 == 0 || flight % 5 != 0 || Int.random(in: 0..<30, using: &random) == 0 else { continue }
                try advanceFlight(flight, of: node)
            }
        case 580..<600: beginInvalidation(of: key, on: node)
        case 600..<650:
            guard hasWrites, !isLazy || Bool.random(using: &random) else { return beginInvalidation(of: key, on: node) }
            beginWrite(of: key, on: node)
        case 650..<700:
            guard !writes.isEmpty else { return }
            advanceWrite(Int.random(in: 0..<writes.count, using: &random))
        case 700..<850:
            guard !invalidations.isEmpty else { return }
            advanceInvalidation(Int.random(in: 0..<invalidations.count, using: &random))
        case 850..<960:
            // The last node hears things late, or hardly ever.
            let chances = seed % 4 == 1 ? 40 : 4
            let isDeaf = node == nodes.count - 1 && nodes[node].decisions.position != nil
            guard !isDeaf || Int.random(in: 0..<chances, using: &random) == 0 else { return }
            _ = hear(node)
        case 960..<970: nodes[node].isPartitioned.toggle()
        case 970..<980: store.evict(Self.storeKey(key))
        case 980..<983:
            guard isLazy || Int.random(in: 0..<10, using: &random) == 0 else { return }
            restart(node)
        case 983..<986:
            guard isLazy || Int.random(in: 0..<10, using: &random) == 0 else { return }
            log = LogRing(epoch: log.epoch + 1, limit: logLimit)
            note(nil, "the log is replaced")
        default: now += .milliseconds(Int.random(in: 0...1_500, using: &random))
        }
    }

    mutating func makeNode() -> SimulatedNode {
        var configuration = InvalidationNode.Configuration()
        configuration.maximumSilence = .milliseconds(500)
        configuration.loadDeadline = .milliseconds(800)
        configuration.tombstoneLife = .milliseconds(801)
        var limits = ValidityIndex.Limits()
        if !hasWrites { limits.recentKeys = 1 }
        let decisions = InvalidationNode(
            namespace: Self.namespace,
            keyPrefix: StoreKey(""),
            configuration: configuration,
            limits: limits,
            fences: hasWrites ? fences : fences.subtracting(.keyChecks)
        )
        return SimulatedNode(decisions: decisions, skew: .milliseconds(Int.random(in: 0...100_000, using: &random)))
    }

    private mutating func restart(_ node: Int) {
        let isPartitioned = nodes[node].isPartitioned
        // What returned on the process that is gone binds the new one, too: its store is the same.
        let (required, requiredFresh) = (nodes[node].required, nodes[node].requiredFresh)
        nodes[node] = makeNode()
        nodes[node].isPartitioned = isPartitioned
        nodes[node].required = required
        nodes[node].requiredFresh = requiredFresh
        invalidations.removeAll { $0.node == node }
        writes.removeAll { $0.node == node }
        note(nil, "node \(node) restarts")
    }

    /// Gives a node what the log has for it.
    ///
    /// - Returns: Whether there may be more.
    private mutating func hear(_ node: Int) -> Bool {
        guard !nodes[node].isPartitioned else { return false }
        let position = nodes[node].decisions.position
        let batch = log.batch(after: position, limit: 2) ?? LogBatch(records: [], position: log.end)
        let effects = nodes[node].decisions.apply(batch, askedAt: time(of: node))
        nodes[node].perform(effects, keyNumber: Self.number)
        note(nil, "node \(node) hears \(batch.isAfterGap ? "of a gap" : "\(batch.records.count) records")")
        return batch.isAfterGap || !batch.records.isEmpty
    }

    /// Checks what a read has seen.
    mutating func answer(
        _ read: SimulatedRead,
        on node: Int,
        version: Int,
        _ source: Source
    ) throws(Violation) {
        answered += 1
        note(read.key, "node \(node) answers read \(read.number) with version \(version), a \(source)")
        let bound = nodes[node].decisions.configuration.maximumSilence
        let old = appended[read.key].last { $0.time < read.began - bound }?.version ?? 0
        if version < read.required {
            throw violation(read, "sees version \(version) after \(read.required) was announced on its node.")
        }
        if source != .staleCopy, version < read.requiredFresh {
            throw violation(read, "sees version \(version) as fresh after \(read.requiredFresh) was announced.")
        }
        if source == .hit, version < old {
            throw violation(read, "is a hit with version \(version), long after \(old).")
        }
    }

    /// What the clock of a node shows.
    func time(of node: Int) -> Duration { now + nodes[node].skew }

    private func violation(_ read: SimulatedRead, _ what: String) -> Violation {
        let lines = history.filter { $0.key == nil || $0.key == read.key }.suffix(100).map(\.line)
        return Violation(seed: seed, message: "Read \(read.number) of key \(read.key) \(what)", history: lines)
    }

    mutating func note(_ key: Int?, _ line: String) {
        history.append((key, "\(now): \(line)"))
    }

    static func storeKey(_ key: Int) -> StoreKey { StoreKey("key:\(key)") }

    static func number(_ key: StoreKey) -> Int { key.bytes.last.map { Int($0) - 48 } ?? 0 }

    static func tag(_ key: Int) -> String { tags[key % 2] }
}
