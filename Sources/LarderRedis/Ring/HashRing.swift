/// Which of several nodes a key belongs to, by consistent hashing: when a node goes, its keys move to others, and no
/// other key moves.
///
/// Each node stands at many points of a circle of 64-bit numbers, and a key belongs to the node of the first point at
/// or after the key's own hash. The hash is FNV-1a with 64 bits, followed by the finalizer of MurmurHash3 (`fmix64`);
/// point `i` of the node `name` is the hash of `name#i` in UTF-8, with `i` in decimal. All of that is stable, so
/// programs that know the same names agree. ``Placement/ketama`` places nodes and keys as clients of memcached do.
public struct HashRing: Hashable, Sendable {
    /// A node, and how many keys it gets.
    public struct Node: Hashable, Sendable {
        /// What the node is called; its points depend on nothing else.
        public var name: String

        /// Its share of the keys, relative to the others; at least 1.
        public var weight: Int

        /// Makes a node.
        ///
        /// - Parameters:
        ///   - name: What the node is called.
        ///   - weight: Its share of the keys, relative to the others; at least 1.
        public init(_ name: String, weight: Int = 1) {
            self.name = name
            self.weight = max(1, weight)
        }
    }

    /// How nodes and keys get their places on the circle.
    public enum Placement: Hashable, Sendable {
        /// By the hash of the ring, at so many points for a node of weight 1, at least 1. With 150 the shares of nodes
        /// of equal weight differ by some 8 percent.
        case points(Int)
        /// As libketama does: by MD5, at 160 points for a node of average weight, of which four come from the digest of
        /// `name-i`; names are `host:port`, or `host` alone for the port 11211.
        case ketama
    }

    private struct Point: Hashable, Comparable, Sendable {
        var hash: UInt64
        var node: Int

        static func < (left: Point, right: Point) -> Bool {
            (left.hash, left.node) < (right.hash, right.node)
        }
    }

    /// All nodes, in the order in which they were given.
    public let nodes: [Node]

    /// Which nodes keys do not go to, by their places in ``nodes``.
    public private(set) var ejected: Set<Int> = []

    private let placement: Placement
    private let points: [Point]
    private var active: [Point]

    /// Makes a ring.
    ///
    /// - Parameters:
    ///   - nodes: The nodes; their names differ.
    ///   - placement: How nodes and keys get their places.
    /// - Complexity: O(n log n) for n points in all.
    public init(_ nodes: [Node], placement: Placement = .points(150)) {
        self.nodes = nodes
        self.placement = placement
        points = nodes.indices
            .flatMap { node in
                Self.hashes(of: nodes[node], among: nodes, placement).map { Point(hash: $0, node: node) }
            }
            .sorted()
        active = points
    }

    private static func hashes(of node: Node, among nodes: [Node], _ placement: Placement) -> [UInt64] {
        switch placement {
        case .points(let count):
            return (0..<node.weight * max(1, count)).map { hash(Array("\(node.name)#\($0)".utf8)) }
        case .ketama:
            let digests = 40 * nodes.count * node.weight / nodes.reduce(0) { $0 + $1.weight }
            return (0..<digests).flatMap { MD5.digest(Array("\(node.name)-\($0)".utf8)).map { UInt64($0) } }
        }
    }

    /// The place in ``nodes`` of the node that a key belongs to.
    ///
    /// - Parameter key: The bytes of the key.
    /// - Returns: The place; `nil` if all nodes are ejected.
    /// - Complexity: O(log n) for n points in all.
    public func node(forKey key: [UInt8]) -> Int? {
        guard let place = place(of: key) else { return nil }
        return active[place].node
    }

    /// The place in ``nodes`` of the node that a key goes to when no node may have much more to do than the others:
    /// of the nodes that follow on the circle, the first one below the bound.
    ///
    /// A key may so be on several nodes, one after the other: who keeps values there has to remove them from all.
    /// Source: Mirrokni, Thorup, Zadimoghaddam, "Consistent Hashing with Bounded Loads", 2016.
    ///
    /// - Parameters:
    ///   - key: The bytes of the key.
    ///   - loads: What each node has to do now, in the order of ``nodes``.
    ///   - bound: How many times the average a node may have to do, more than 1, as in 1.25.
    /// - Returns: The place; `nil` if all nodes are ejected.
    /// - Complexity: O(n) for n points in all; O(log n) if the first node has room.
    public func node(forKey key: [UInt8], loads: [Int], bound: Double) -> Int? {
        guard let place = place(of: key) else { return nil }
        let members = nodes.indices.filter { !ejected.contains($0) }
        let total = members.reduce(1) { $0 + loads[$1] }
        let weight = members.reduce(0) { $0 + nodes[$1].weight }
        let next = (0..<active.count)
            .first { step in
                let node = active[(place + step) % active.count].node
                return Self.hasRoom(loads[node], of: total, share: nodes[node].weight, of: weight, bound: bound)
            }
        return active[(place + (next ?? 0)) % active.count].node
    }

    /// Whether a node takes one more.
    ///
    /// - Parameters:
    ///   - load: What it has to do.
    ///   - total: What all have to do, with the one that is to be placed.
    ///   - share: The weight of the node.
    ///   - weight: That of all nodes.
    ///   - bound: How many times its share the node may have to do.
    /// - Returns: Whether it stays within the bound.
    static func hasRoom(_ load: Int, of total: Int, share: Int, of weight: Int, bound: Double) -> Bool {
        Double(load + 1) <= (max(bound, 1) * Double(total * share) / Double(weight)).rounded(.up)
    }

    /// The places in ``nodes`` of the node that a key belongs to, and of the one that it would go to without that.
    ///
    /// - Parameter key: The bytes of the key.
    /// - Returns: Two places; fewer if fewer nodes are not ejected.
    /// - Complexity: O(n) for n points in all; O(log n) on average.
    public func candidates(forKey key: [UInt8]) -> [Int] {
        guard let place = place(of: key) else { return [] }
        let home = active[place].node
        let next = (1..<max(2, active.count)).lazy.map { active[(place + $0) % active.count].node }.first { $0 != home }
        return [home] + (next.map { [$0] } ?? [])
    }

    /// The place among the points of the first one at or after a key; `nil` if there are no points.
    private func place(of key: [UInt8]) -> Int? {
        let hash = placement == .ketama ? UInt64(MD5.digest(key)[0]) : Self.hash(key)
        var (low, high) = (0, active.count)
        while low < high {
            let middle = (low + high) / 2
            if active[middle].hash < hash { low = middle + 1 } else { high = middle }
        }
        return active.isEmpty ? nil : low % active.count
    }

    /// Lets the keys of a node go to the nodes that follow on the circle.
    ///
    /// - Parameter node: The place of the node in ``nodes``.
    /// - Complexity: O(n) for n points in all.
    public mutating func eject(_ node: Int) {
        ejected.insert(node)
        active = points.filter { !ejected.contains($0.node) }
    }

    /// Lets the keys of a node go to it again.
    ///
    /// - Parameter node: The place of the node in ``nodes``.
    /// - Complexity: O(n) for n points in all.
    public mutating func readmit(_ node: Int) {
        ejected.remove(node)
        active = points.filter { !ejected.contains($0.node) }
    }

    /// The hash of some bytes.
    ///
    /// - Parameter bytes: The bytes of a key, or of the name of a point.
    /// - Returns: The hash.
    /// - Complexity: O(count of `bytes`).
    public static func hash(_ bytes: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return hash ^ hash >> 33
    }
}
