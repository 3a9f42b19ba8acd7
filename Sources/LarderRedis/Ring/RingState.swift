import Larder

/// What a ring knows of its nodes: who is in, who has failed how often, and who has how much to do.
struct RingState: Sendable {
    /// Which node of a key is meant.
    enum Role: Sendable {
        /// The one it belongs to.
        case home
        /// The one that helps out, if there is one.
        case helper
        /// Of these two, the one that has room now.
        case reader
    }

    /// What goes to one node.
    struct Group: Sendable {
        let node: Int
        /// Whether it helps out another node.
        let helps: Bool
        let places: [Int]
    }

    /// How many keys a node may be asked for at a time before it can count as full.
    ///
    /// With few calls under way, two at once would be far above the average.
    static let slack = 32

    /// By what the versions of a helper differ from those that the ring gives out.
    static let mark: UInt64 = 0x9E37_79B9_7F4A_7C15

    private let failuresBeforeEjection: Int
    private let loadBound: Double?
    private(set) var ring: HashRing
    private(set) var statistics: [RedisRing.NodeStatistics]
    private var failuresInARow: [Int]
    private var helperVersions = RecentVersions()

    init(ring: HashRing, failuresBeforeEjection: Int, loadBound: Double? = nil) {
        self.ring = ring
        self.failuresBeforeEjection = failuresBeforeEjection
        self.loadBound = loadBound
        statistics = ring.nodes.map { RedisRing.NodeStatistics(name: $0.name) }
        failuresInARow = ring.nodes.map { _ in 0 }
    }

    /// The nodes that keys go to.
    var activeNodes: [Int] { ring.nodes.indices.filter { !ring.ejected.contains($0) } }

    // MARK: Placing

    /// The places of keys in a batch, by their nodes, which have them to do from now on; `nil` if there is no node left.
    ///
    /// A key without a node of the role is in none of the groups.
    mutating func begin<Item>(
        _ items: [Item],
        key: (Item) -> StoreKey,
        role: (Item, RingState) -> Role
    ) -> [Group]? {
        var places = [[Int]](repeating: [], count: 2 * ring.nodes.count)
        for (place, item) in items.enumerated() {
            let key = key(item).bytes
            guard let home = ring.node(forKey: key) else { return nil }
            guard let node = node(of: key, home: home, role(item, self)) else { continue }
            places[2 * node + (node == home ? 0 : 1)].append(place)
            statistics[node].pendingKeys += 1
        }
        return places.indices.filter { !places[$0].isEmpty }
            .map { Group(node: $0 / 2, helps: $0 % 2 == 1, places: places[$0]) }
    }

    private mutating func node(of key: [UInt8], home: Int, _ role: Role) -> Int? {
        switch role {
        case .home:
            return home
        case .helper:
            return ring.candidates(forKey: key).dropFirst().first
        case .reader:
            guard let loadBound, statistics[home].pendingKeys >= Self.slack, !hasRoom(home, loadBound),
                let helper = ring.candidates(forKey: key).dropFirst().first, hasRoom(helper, loadBound)
            else { return home }
            statistics[home].passedOn += 1
            return helper
        }
    }

    // MARK: Versions

    /// The version that the ring gives out for one of a helper.
    mutating func mark(_ version: StoreVersion) -> StoreVersion {
        guard version != .vacant else { return version }
        let marked = StoreVersion(bitPattern: version.bitPattern ^ Self.mark)
        helperVersions.insert(marked)
        return marked
    }

    /// Where a version was read; one that is forgotten is looked for where it is not, and what depends on it fails.
    func role(of version: StoreVersion) -> Role { helperVersions.contains(version) ? .helper : .home }

    // MARK: Loads

    private func hasRoom(_ node: Int, _ bound: Double) -> Bool {
        let active = activeNodes
        return HashRing.hasRoom(
            statistics[node].pendingKeys,
            of: active.reduce(1) { $0 + statistics[$1].pendingKeys },
            share: ring.nodes[node].weight,
            of: active.reduce(0) { $0 + ring.nodes[$1].weight },
            bound: bound
        )
    }

    /// Notes that a node is done with some keys.
    mutating func end(_ node: Int, keys: Int) {
        statistics[node].pendingKeys -= keys
    }

    // MARK: Failing

    mutating func succeeded(_ node: Int) {
        statistics[node].calls += 1
        failuresInARow[node] = 0
    }

    /// - Returns: Whether the node is ejected for this failure.
    mutating func failed(_ node: Int) -> Bool {
        statistics[node].calls += 1
        statistics[node].failures += 1
        failuresInARow[node] += 1
        guard failuresInARow[node] >= failuresBeforeEjection, !ring.ejected.contains(node) else { return false }
        ring.eject(node)
        statistics[node].ejections += 1
        statistics[node].isEjected = true
        return true
    }

    mutating func readmit(_ node: Int) {
        ring.readmit(node)
        failuresInARow[node] = 0
        statistics[node].isEjected = false
    }
}

/// The versions that were read last, as many as will matter.
private struct RecentVersions: Sendable {
    private static let limit = 8_192

    private var known: Set<StoreVersion> = []
    private var order: [StoreVersion] = []
    private var next = 0

    func contains(_ version: StoreVersion) -> Bool { known.contains(version) }

    mutating func insert(_ version: StoreVersion) {
        guard known.insert(version).inserted else { return }
        if order.count < Self.limit { return order.append(version) }
        known.remove(order[next])
        order[next] = version
        next = (next + 1) % Self.limit
    }
}
