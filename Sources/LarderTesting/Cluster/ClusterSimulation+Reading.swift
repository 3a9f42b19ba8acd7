import Larder

extension ClusterSimulation {
    static let entryLife = Duration.seconds(60)

    /// Begins a read: it is answered from memory, joins a load, or begins one.
    mutating func beginRead(of key: Int, on node: Int) throws(Violation) {
        nextNumber += 1
        let read = SimulatedRead(
            number: nextNumber,
            key: key,
            began: now,
            required: nodes[node].required[key] ?? 0,
            requiredFresh: nodes[node].requiredFresh[key] ?? 0
        )
        note(key, "node \(node) begins read \(read.number)")
        if let entry = nodes[node].memory[key] {
            let service = nodes[node].decisions
                .service(
                    ofEntryFrom: entry.mark,
                    key: Self.storeKey(key),
                    tags: [Self.tag(key)],
                    at: time(of: node)
                )
            switch service {
            case .hit(let mark):
                nodes[node].memory[key]?.mark = mark
                return try answer(read, on: node, version: entry.version, .hit)
            case .stale where Bool.random(using: &random):
                return try answer(read, on: node, version: entry.version, .staleCopy)
            case .stale: break
            case .none: nodes[node].memory[key] = nil
            }
        }
        if let number = nodes[node].joinable[key], let flight = nodes[node].flights[number], !isTouched(flight, node) {
            nodes[node].flights[number]?.waiting.append(read)
            return
        }
        let ticket = nodes[node].decisions.beginLoad(at: time(of: node))
        nodes[node].flights[read.number] = SimulatedFlight(key: key, ticket: ticket, waiting: [read])
        nodes[node].joinable[key] = read.number
    }

    /// Whether who comes now must not take what a flight brings.
    private func isTouched(_ flight: SimulatedFlight, _ node: Int) -> Bool {
        let decisions = nodes[node].decisions
        guard decisions.detachesLoads else { return false }
        return decisions.index
            .isTouched(Self.storeKey(flight.key), tags: [Self.tag(flight.key)], since: flight.ticket.mark)
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
            flight.phase = .found(entry: found.entry, version: found.version)
        case .found(let entry, let version):
            flight.phase = .storeRead(version)
            guard let entry else { break }
            let admission = nodes[node].decisions
                .admission(
                    ofStoredFrom: entry.position,
                    key: Self.storeKey(key),
                    tags: [Self.tag(key)],
                    ticket: flight.ticket,
                    at: time(of: node)
                )
            guard case .hit = admission.service else { break }
            note(key, "node \(node) finds version \(entry.version) of \(entry.position) in the store")
            if let mark = admission.memoryMark { nodes[node].memory[key] = (entry.version, mark) }
            return try end(number, of: node, flight, version: entry.version, .hit)
        case .storeRead(let seen):
            flight.phase = .loaded(version: origin[key], seen: seen)
            note(key, "node \(node) loads version \(origin[key])")
        case .loaded(let version, let seen):
            finish(flight, version: version, seen: seen, on: node)
            return try end(number, of: node, flight, version: version, .load)
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
                at: time(of: node)
            )
        if let position = outcome.position, !nodes[node].isPartitioned {
            let isUnchanged = outcome.over.map { $0 == store.read(key, at: now).version } ?? true
            // Some fills fail.
            if isUnchanged, Int.random(in: 0..<20, using: &random) > 0 {
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
        _ source: Source
    ) throws(Violation) {
        nodes[node].flights[number] = nil
        if nodes[node].joinable[flight.key] == number { nodes[node].joinable[flight.key] = nil }
        for read in flight.waiting { try answer(read, on: node, version: version, source) }
    }
}
