import Larder

/// A read that waits for its answer.
struct SimulatedRead {
    let number: Int
    let key: Int
    let began: Duration
    /// The oldest version that it may see at all, by what had returned on its node when it began.
    let required: Int
    /// The oldest version that it may see but as a stale copy.
    let requiredFresh: Int
}

/// A load that is under way.
struct SimulatedFlight {
    enum Phase {
        case begun
        /// The store has answered, and the answer is on its way.
        case found(entry: SimulatedEntry?, version: StoreVersion)
        case storeRead(StoreVersion?)
        case loaded(version: Int, seen: StoreVersion?)
    }

    let key: Int
    let ticket: InvalidationNode.LoadTicket
    var phase = Phase.begun
    var waiting: [SimulatedRead]
}

/// One process of a simulated cluster: the decisions of the real code, and tiers that are dictionaries.
struct SimulatedNode {
    var decisions: InvalidationNode
    var memory: [Int: (version: Int, mark: LogMark)] = [:]
    var flights: [Int: SimulatedFlight] = [:]
    /// Which flight of a key may be joined.
    var joinable: [Int: Int] = [:]
    var isPartitioned = false
    /// By how much the node's clock is ahead of that of the store.
    var skew = Duration.zero
    /// For each key the oldest version that a read may see that begins now.
    var required: [Int: Int] = [:]
    /// The same for what is not stale.
    var requiredFresh: [Int: Int] = [:]

    mutating func perform(_ effects: InvalidationNode.Effects, keyNumber: (StoreKey) -> Int) {
        if effects.touchesAllLoads { joinable = [:] }
        for key in effects.touchedKeys.map(keyNumber) {
            memory[key] = nil
            if decisions.detachesLoads { joinable[key] = nil }
        }
    }
}
