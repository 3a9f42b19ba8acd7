import Larder

/// An invalidation that has not returned yet.
struct SimulatedInvalidation {
    enum Phase {
        case begun
        case buried
        case appended(LogPosition)
    }

    let node: Int
    let record: InvalidationRecord
    /// The versions that the origin had when the invalidation began.
    let announced: [(key: Int, version: Int)]
    var phase = Phase.begun
}

extension ClusterSimulation {
    /// Changes the origin, and begins to say so.
    mutating func beginInvalidation(of key: Int, on node: Int) {
        let target: InvalidationRecord.Target
        var keys = [key]
        switch Int.random(in: 0..<(isLazy ? 20 : 200), using: &random) {
        case 0: (target, keys) = (.everything, Array(0..<Self.keyCount))
        case 1...2:
            target = .tags([Self.tag(key)])
            keys = (0..<Self.keyCount).filter { Self.tag($0) == Self.tag(key) }
        default: target = .keys([Self.storeKey(key)])
        }
        for key in keys { origin[key] += 1 }
        let announced = keys.map { (key: $0, version: origin[$0]) }
        let record = InvalidationRecord(
            target,
            in: Self.namespace,
            isSoft: isLazy && Int.random(in: 0..<4, using: &random) == 0
        )
        invalidations.append(SimulatedInvalidation(node: node, record: record, announced: announced))
        note(nil, "node \(node) begins to invalidate \(target), announcing \(announced)")
    }

    /// Takes an invalidation one step further: store, log, own memory.
    mutating func advanceInvalidation(_ index: Int) {
        var invalidation = invalidations[index]
        let node = invalidation.node
        guard !nodes[node].isPartitioned else { return }
        switch invalidation.phase {
        case .begun:
            for key in nodes[node].decisions.keysToBury(by: [invalidation.record]) {
                if nodes[node].decisions.leavesTombstones {
                    let life = nodes[node].decisions.configuration.tombstoneLife
                    store.write(nil, key, life: life, at: now)
                } else {
                    store.remove(key)
                }
            }
            invalidation.phase = .buried
        case .buried:
            log.append(invalidation.record)
            invalidation.phase = .appended(log.end)
            for (key, version) in invalidation.announced {
                appended[key].append((now, max(version, appended[key].last?.version ?? 0)))
                if !invalidation.record.isSoft { removed[key] = max(removed[key], version) }
            }
            note(nil, "node \(node) appends \(invalidation.record.target) at \(log.end)")
        case .appended(let position):
            let effects = nodes[node].decisions.apply([invalidation.record], endingAt: position)
            nodes[node].perform(effects, keyNumber: Self.number)
            for (key, version) in invalidation.announced {
                nodes[node].requiredFresh[key] = max(nodes[node].requiredFresh[key] ?? 0, version)
                guard !invalidation.record.isSoft else { continue }
                nodes[node].required[key] = max(nodes[node].required[key] ?? 0, version)
            }
            note(nil, "the invalidation of \(invalidation.record.target) returns on node \(node)")
            invalidations.remove(at: index)
            return
        }
        invalidations[index] = invalidation
    }
}
