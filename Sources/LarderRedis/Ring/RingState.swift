import Larder

/// What a ring knows of its nodes: who is in, who has failed how often.
struct RingState: Sendable {
    private let failuresBeforeEjection: Int
    private(set) var ring: HashRing
    private(set) var statistics: [RedisRing.NodeStatistics]
    private var failuresInARow: [Int]

    init(ring: HashRing, failuresBeforeEjection: Int) {
        self.ring = ring
        self.failuresBeforeEjection = failuresBeforeEjection
        statistics = ring.nodes.map { RedisRing.NodeStatistics(name: $0.name) }
        failuresInARow = ring.nodes.map { _ in 0 }
    }

    /// The nodes that keys go to.
    var activeNodes: [Int] { ring.nodes.indices.filter { !ring.ejected.contains($0) } }

    /// The places of keys in a batch, by their nodes; `nil` if there is no node left.
    func places<Item>(of items: [Item], key: (Item) -> StoreKey) -> [(node: Int, places: [Int])]? {
        var places = [[Int]](repeating: [], count: ring.nodes.count)
        for (place, item) in items.enumerated() {
            guard let node = ring.node(forKey: key(item).bytes) else { return nil }
            places[node].append(place)
        }
        return places.indices.filter { !places[$0].isEmpty }.map { ($0, places[$0]) }
    }

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
