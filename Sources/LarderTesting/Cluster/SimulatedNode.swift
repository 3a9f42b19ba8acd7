import Larder

/// A read that waits for its answer.
struct SimulatedRead {
    let number: Int
    let key: Int
    let began: Duration
    /// The oldest version that it may see, by what had returned on its node when it began.
    let required: Int
}

/// A load that is under way.
struct SimulatedFlight {
    enum Phase {
        case begun
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
    /// For each key the oldest version that a read may see that begins now.
    var required: [Int: Int] = [:]

    mutating func perform(_ effects: InvalidationNode.Effects, keyNumber: (StoreKey) -> Int) {
        if effects.touchesAllLoads { joinable = [:] }
        for key in effects.touchedKeys.map(keyNumber) {
            memory[key] = nil
            if decisions.detachesLoads { joinable[key] = nil }
        }
    }
}
