/// Which server of a cluster holds which slots.
struct ClusterTopology: Hashable, Sendable {
    /// Servers with the same keys.
    struct Shard: Hashable, Sendable {
        /// The server that takes writes.
        var primary: RESPEndpoint

        /// The servers that follow it and have not failed.
        var replicas: [RESPEndpoint]

        /// The slots whose keys they hold.
        var slots: [ClosedRange<Int>]
    }

    /// The shards that hold slots.
    private(set) var shards: [Shard]

    /// For each slot the place of its shard, or `nobody`.
    private var owners: [UInt16]
    private static let nobody = UInt16.max

    /// Makes a topology; of shards that claim the same slot the last one has it.
    init(_ shards: [Shard]) {
        // In an order of its own, so that servers that see the same shards are seen to agree.
        self.shards = shards.filter { !$0.slots.isEmpty }
            .sorted {
                ($0.slots[0].lowerBound, $0.primary.description) < ($1.slots[0].lowerBound, $1.primary.description)
            }
        owners = Array(repeating: Self.nobody, count: KeySlot.count)
        for (index, shard) in self.shards.enumerated() {
            for slot in shard.slots.joined() where owners.indices.contains(slot) { owners[slot] = UInt16(index) }
        }
    }

    /// The shard of a slot; `nil` if no server holds it.
    func shard(ofSlot slot: Int) -> Shard? {
        let owner = owners[slot]
        return owner == Self.nobody ? nil : shards[Int(owner)]
    }

    /// The servers that take writes.
    var primaries: [RESPEndpoint] {
        var seen: Set<RESPEndpoint> = []
        return shards.map(\.primary).filter { seen.insert($0).inserted }
    }

    /// All servers.
    var endpoints: Set<RESPEndpoint> { Set(shards.flatMap { [$0.primary] + $0.replicas }) }

    /// Whether each slot has a server.
    var isComplete: Bool { !owners.contains(Self.nobody) }

    /// Notes that a slot is elsewhere, as a server said, until the whole is asked for again.
    mutating func move(slot: Int, to endpoint: RESPEndpoint) {
        if let index = shards.firstIndex(where: { $0.primary == endpoint }) {
            owners[slot] = UInt16(index)
        } else {
            owners[slot] = UInt16(shards.count)
            shards.append(Shard(primary: endpoint, replicas: [], slots: [slot...slot]))
        }
    }

    /// What servers have to agree on: who takes the writes of which slots.
    ///
    /// Replicas come and go, and each server hears of that at another time.
    var assignment: [ClosedRange<Int>: RESPEndpoint] {
        var assignment: [ClosedRange<Int>: RESPEndpoint] = [:]
        var start = 0
        for slot in 0..<KeySlot.count where slot + 1 == KeySlot.count || owners[slot + 1] != owners[slot] {
            assignment[start...slot] = shard(ofSlot: slot)?.primary
            start = slot + 1
        }
        return assignment
    }
}
