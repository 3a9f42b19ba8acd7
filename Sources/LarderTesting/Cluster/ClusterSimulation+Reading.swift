import Larder

extension ClusterSimulation {
    private static let entryLife = Duration.seconds(60)

    /// Begins a read: it is answered from memory, joins a load, or begins one.
    mutating func beginRead(of key: Int, on node: Int) throws(Violation) {
        nextNumber += 1
        let required = nodes[node].required[key] ?? 0
        let read = SimulatedRead(number: nextNumber, key: key, began: now, required: required)
        note(key, "node \(node) begins read \(read.number)")
        if let entry = nodes[node].memory[key] {
            let service = nodes[node].decisions
                .service(
                    ofEntryFrom: entry.mark,
                    key: Self.storeKey(key),
                    tags: [Self.tag(key)],
                    at: now
                )
            switch service {
            case .hit(let mark):
                nodes[node].memory[key]?.mark = mark
                return try answer(read, on: node, version: entry.version, isHit: true)
            case .stale: return try answer(read, on: node, version: entry.version, isHit: false)
            case .none: nodes[node].memory[key] = nil
            }
        }
        if let number = nodes[node].joinable[key], nodes[node].flights[number] != nil {
            nodes[node].flights[number]?.waiting.append(read)
            return
        }
        let ticket = nodes[node].decisions.beginLoad(at: now)
        nodes[node].flights[read.number] = SimulatedFlight(key: key, ticket: ticket, waiting: [read])
        nodes[node].joinable[key] = read.number
    }

    /// Takes a load one step further: it reads the store, then the origin, and then stores what it has.
    mutating func advanceFlight(_ number: Int, of node: Int) throws(Violation) {
        guard var flight = nodes[node].flights[number] else { return }
        let key = flight.key
        switch flight.phase {
        case .begun:
            guard !nodes[node].isPartitioned else {
                flight.phase = .storeRead(nil)
                break
            }
            let found = store.read(Self.storeKey(key), at: now)
            flight.phase = .storeRead(found.version)
            guard let entry = found.entry else { break }
            let admission = nodes[node].decisions
                .admission(
                    ofStoredFrom: entry.position,
                    key: Self.storeKey(key),
                    tags: [Self.tag(key)],
                    ticket: flight.ticket,
                    at: now
                )
            guard case .hit = admission.service else { break }
            note(key, "node \(node) finds version \(entry.version) of \(entry.position) in the store")
            if let mark = admission.memoryMark { nodes[node].memory[key] = (entry.version, mark) }
            return try end(number, of: node, flight, version: entry.version, isHit: true)
        case .storeRead(let seen):
            flight.phase = .loaded(version: origin[key], seen: seen)
            note(key, "node \(node) loads version \(origin[key])")
        case .loaded(let version, let seen):
            finish(flight, version: version, seen: seen, on: node)
            return try end(number, of: node, flight, version: version)
        }
        nodes[node].flights[number] = flight
    }

    private mutating func finish(_ flight: SimulatedFlight, version: Int, seen: StoreVersion?, on node: Int) {
        let key = Self.storeKey(flight.key)
        let outcome = nodes[node].decisions
            .outcome(
                of: flight.ticket,
                key: key,
                tags: [Self.tag(flight.key)],
                seen: seen,
                at: now
            )
        if let position = outcome.position, !nodes[node].isPartitioned {
            let isUnchanged = outcome.over.map { $0 == store.read(key, at: now).version } ?? true
            if isUnchanged {
                let entry = SimulatedEntry(version: version, position: position)
                store.write(entry, key, life: Self.entryLife, at: now)
            }
            note(
                flight.key,
                "node \(node) \(isUnchanged ? "stores" : "may not store") version \(version) of \(position)"
            )
        }
        if let mark = outcome.memoryMark { nodes[node].memory[flight.key] = (version, mark) }
        note(flight.key, "node \(node) \(outcome.memoryMark == nil ? "does not keep" : "keeps") version \(version)")
    }

    private mutating func end(
        _ number: Int,
        of node: Int,
        _ flight: SimulatedFlight,
        version: Int,
        isHit: Bool = false
    ) throws(Violation) {
        nodes[node].flights[number] = nil
        if nodes[node].joinable[flight.key] == number { nodes[node].joinable[flight.key] = nil }
        for read in flight.waiting { try answer(read, on: node, version: version, isHit: isHit) }
    }
}
