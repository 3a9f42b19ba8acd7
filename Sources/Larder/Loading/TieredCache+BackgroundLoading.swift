import MemoryCache

extension TieredCache {
    /// Produces a value in a task of its own.
    @usableFromInline
    typealias BackgroundLoader = @Sendable (Key, inout LoadContext<Value>) async throws -> LoadResult<Value>

    /// Answers a read that memory could not, with a load that runs in a task of its own and that all callers,
    /// the one who starts it among them, only wait for.
    @usableFromInline
    func resolveInBackground(
        _ key: Key,
        _ policy: CachePolicy?,
        _ options: ReadOptions,
        isBatched: Bool = false,
        _ load: @escaping BackgroundLoader
    ) async throws -> CacheResult<Value> {
        guard let spans else { return try await resolvedInBackground(key, policy, options, isBatched: isBatched, load) }
        return try await spans.read {
            try await resolvedInBackground(key, policy, options, isBatched: isBatched, load)
        }
    }

    /// Answers a read, in the span that it has, if there is one.
    private func resolvedInBackground(
        _ key: Key,
        _ policy: CachePolicy?,
        _ options: ReadOptions,
        isBatched: Bool,
        _ load: @escaping BackgroundLoader
    ) async throws -> CacheResult<Value> {
        var call = try call(key, policy, options, acceptsAbsence: true)
        call.isBatched = isBatched
        await prepare()
        if let answer = earlyAnswer(&call) { return count(answer, call.options) }
        if let answer = await staleAnswerOfStore(call) { return count(answer, call.options) }
        if call.options.contains(.forceRefresh) { try await beginAnew(key) }
        var isCoalesced = false
        var inherited: Flight<Key, Value>?
        while true {
            let waiter: Waiter<Key, Value>
            let entry = if let inherited { FlightTable<Key, Value>.Entry.lead(inherited) } else { join(call) }
            switch entry {
            case .lead(let flight):
                inherited = nil
                guard let own = launch(flight, call, load) else {
                    if let copy = standIn(for: key) { return count(copy, call.options) }
                    call.hasCopy = false
                    continue
                }
                waiter = own
            case .refuse:
                return try standIn(for: key, options: call.options, orThrow: Self.overcrowdedLoad(of: key))
            case .takeCopy:
                if let copy = standIn(for: key) { return count(copy, call.options) }
                call.hasCopy = false
                continue
            case .wait(let other):
                if !isCoalesced { counters.coalescedReads.increment() }
                isCoalesced = true
                waiter = other
            }
            switch try step(after: await flights.turn(of: waiter), call) {
            case .answer(let answer): return answer
            case .lead(let flight): inherited = flight
            case .again: break
            }
        }
    }

    /// Starts the load of a flight in a task of its own.
    ///
    /// - Returns: What to wait for, like everybody else; `nil` for a caller who takes a stale copy at once.
    private func launch(
        _ flight: Flight<Key, Value>,
        _ call: LoadCall<Key, Value>,
        _ load: @escaping BackgroundLoader
    ) -> Waiter<Key, Value>? {
        let waiter = call.takesCopyAtOnce ? nil : flights.waitForOwn(flight, patience: call.patience(isOwn: true))
        if waiter == nil { flights.letGoOn(flight) }
        let task = Task {
            do {
                flights.finish(flight, .answer(try await lead(flight, call, load)))
            } catch {
                flights.finish(flight, .failure(error))
            }
        }
        flights.setTask(of: flight, Escalation { task.escalatePriority(to: $0) }) { task.cancel() }
        return waiter
    }
}
