import Larder

/// A write of a new value that has not returned yet.
struct SimulatedWrite {
    enum Phase {
        case begun
        /// The store has been asked for what it holds.
        case asked(StoreVersion, at: Duration)
        case appended(over: StoreVersion, askedAt: Duration)
        case stored(isNewest: Bool)
    }

    let node: Int
    let key: Int
    var phase = Phase.begun
    /// What is written, and where its record stands.
    var entry = SimulatedEntry(version: 0, position: LogPosition(epoch: 0, offset: 0))
}

extension ClusterSimulation {
    /// Begins to change the origin and to write the new value into the cache.
    mutating func beginWrite(of key: Int, on node: Int) {
        writes.append(SimulatedWrite(node: node, key: key))
        note(key, "node \(node) begins to write")
    }

    /// Takes a write one step further: log, store, own memory.
    mutating func advanceWrite(_ index: Int) {
        var write = writes[index]
        let key = Self.storeKey(write.key)
        guard !nodes[write.node].isPartitioned else { return }
        switch write.phase {
        case .begun:
            write.phase = .asked(store.read(key, at: now).version, at: time(of: write.node))
        case .asked(let version, let askedAt):
            origin[write.key] += 1
            log.append(InvalidationRecord(.keys([key]), in: Self.namespace))
            write.entry = SimulatedEntry(version: origin[write.key], position: log.end)
            write.phase = .appended(over: version, askedAt: askedAt)
            note(write.key, "node \(write.node) appends the write of version \(write.entry.version) at \(log.end)")
        case .appended(let version, let askedAt):
            let record = InvalidationRecord(.keys([key]), in: Self.namespace)
            let effects = nodes[write.node].decisions.apply([record], endingAt: write.entry.position)
            nodes[write.node].perform(effects, keyNumber: Self.number)
            write.phase = store(write, key, over: version, askedAt: askedAt)
        case .stored(let isNewest):
            let decisions = nodes[write.node].decisions
            if isNewest,
                let mark = decisions.mark(ofWrittenAt: write.entry.position, key: key, tags: [Self.tag(write.key)])
            {
                nodes[write.node].memory[write.key] = (write.entry.version, mark)
            }
            for floor in [\SimulatedNode.required, \SimulatedNode.requiredFresh] {
                nodes[write.node][keyPath: floor][write.key] =
                    max(nodes[write.node][keyPath: floor][write.key] ?? 0, write.entry.version)
            }
            note(write.key, "the write of version \(write.entry.version) returns on node \(write.node)")
            writes.remove(at: index)
            return
        }
        writes[index] = write
    }

    private mutating func store(
        _ write: SimulatedWrite,
        _ key: StoreKey,
        over version: StoreVersion,
        askedAt: Duration
    ) -> SimulatedWrite.Phase {
        let held = store.read(key, at: now)
        let configuration = nodes[write.node].decisions.configuration
        guard time(of: write.node) - askedAt < configuration.loadDeadline else {
            store.write(nil, key, life: configuration.tombstoneLife, at: now)
            return .stored(isNewest: false)
        }
        if held.version == version || held.version == .vacant {
            store.write(write.entry, key, life: Self.entryLife, at: now)
            // Who crashes before this has not written, as far as anybody can tell.
            appended[write.key].append((now, max(write.entry.version, appended[write.key].last?.version ?? 0)))
            removed[write.key] = max(removed[write.key], write.entry.version)
            note(write.key, "node \(write.node) writes version \(write.entry.version) into the store")
            return .stored(isNewest: true)
        }
        guard let entry = held.entry, entry.position.precedes(write.entry.position) else {
            return .stored(isNewest: false)
        }
        return .appended(over: held.version, askedAt: askedAt)
    }
}
