/// Filling the store when the callers have their answer already.
///
/// The flight of a key holds it until the fill has ended: a write or an invalidation of the key drops a fill that still
/// waits, and waits for one that is being made, so that a fill that comes late undoes nothing.
extension TieredCache {
    /// A value that a flight has brought.
    typealias FlownValue = (flight: Flight<Key, Value>, answer: CacheResult<Value>, item: LoadedValue<Value>)

    /// Fills the store with values that are in memory.
    func fill(_ values: [FlownValue], _ ticket: InvalidationNode.LoadTicket, through fills: FillQueue) {
        let fill = FillQueue.Fill(
            carryOut: { [self] in
                // Later, a tombstone that would have kept it out may be gone.
                guard coherence.isInTime(ticket) else { return }
                let mayKeep = await store?.keep(values.map(\.item)) ?? values.map { _ in true }
                for (value, mayKeep) in zip(values, mayKeep) where !mayKeep {
                    // Another process wrote or removed the key: what memory has is as wrong as what was loaded.
                    memory.removeValue(forKey: value.flight.key)
                    countFencedLoad(value.flight.key)
                }
            },
            end: { [flights] in
                for value in values { flights.finishFilling(value.flight, value.answer) }
            }
        )
        for value in values { flights.beginFilling(value.flight) { fill.drop() } }
        fills.add(fill)
    }

    /// Waits until the store has what was loaded, for tests.
    package func finishFills() async { await fills?.settle() }
}

extension LoadedValue {
    /// Whether it goes into the store.
    var isFill: Bool { version != nil && tiers.contains(.store) && lifetime > .zero }
}
