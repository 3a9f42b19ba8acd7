/// Which of several nodes a key belongs to, by consistent hashing: when a node goes, its keys move to others, and no
/// other key moves.
///
/// Each node stands at many points of a circle of 64-bit numbers, and a key belongs to the node of the first point at
/// or after the key's own hash. The hash is FNV-1a with 64 bits, followed by the finalizer of MurmurHash3 (`fmix64`);
/// point `i` of the node `name` is the hash of `name#i` in UTF-8, with `i` in decimal. All of that is stable, so
/// programs that know the same names agree.
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

    private let points: [Point]
    private var active: [Point]

    /// Makes a ring.
    ///
    /// - Parameters:
    ///   - nodes: The nodes; their names differ.
    ///   - virtualNodes: At how many points a node of weight 1 stands, at least 1. With 150 the shares of nodes of equal
    ///     weight differ by some 8 percent.
    /// - Complexity: O(n log n) for n points in all.
    public init(_ nodes: [Node], virtualNodes: Int = 150) {
        self.nodes = nodes
        points = nodes.indices
            .flatMap { node in
                (0..<nodes[node].weight * max(1, virtualNodes))
                    .map { index in
                        Point(hash: Self.hash(Array("\(nodes[node].name)#\(index)".utf8)), node: node)
                    }
            }
            .sorted()
        active = points
    }

    /// The place in ``nodes`` of the node that a key belongs to.
    ///
    /// - Parameter key: The bytes of the key.
    /// - Returns: The place; `nil` if all nodes are ejected.
    /// - Complexity: O(log n) for n points in all.
    public func node(forKey key: [UInt8]) -> Int? {
        let hash = Self.hash(key)
        var (low, high) = (0, active.count)
        while low < high {
            let middle = (low + high) / 2
            if active[middle].hash < hash { low = middle + 1 } else { high = middle }
        }
        return active.isEmpty ? nil : active[low == active.count ? 0 : low].node
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
