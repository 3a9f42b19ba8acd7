import MemoryCache

extension FlightTable {
    /// Asks whether the result of a load may be stored, and holds off writes and removals of its key if so.
    func beginStoring(_ flight: Flight<Key, Value>) -> Bool {
        let now = watch.now
        return update { state, aftermath in
            guard !flight.isDetached else { return false }
            guard flight.deadline > now else {
                state.abandon(flight, &aftermath)
                return false
            }
            flight.phase = .storing
            return true
        }
    }

    /// Keeps a stale copy from the store for those who do not wait any longer.
    func setFallback(of flight: Flight<Key, Value>, _ fallback: LiveEntry<Value>?) {
        guard let fallback, fallback.value != nil else { return }
        update { state, _ in
            guard flight.phase == .loading else { return }
            flight.fallback = fallback
            for waiter in flight.waiters where !waiter.state.isOver {
                state.alarms.set(waiter, to: waiter.nextDeadline)
            }
        }
    }

    /// Says how a load that waits for leave to ask the origin comes forward once somebody waits for it.
    func setForwarding(of flight: Flight<Key, Value>, _ comeForward: @escaping @Sendable () -> Void) {
        update { state, aftermath in
            guard flight.phase != .over else { return }
            state.watchDeadline(of: flight)
            if flight.waiting > 0 {
                aftermath.perform(comeForward)
            } else {
                flight.comeForward = comeForward
            }
        }
    }

    /// Keeps the leave to ask the origin with the flight, which gives it back when it has ended or was abandoned.
    ///
    /// - Returns: Whether the flight is still to be led; if not, the leave has been given back.
    func keepPermit(of flight: Flight<Key, Value>, _ release: @escaping @Sendable () -> Void) -> Bool {
        update { state, aftermath in
            guard flight.phase != .over else {
                aftermath.perform(release)
                return false
            }
            flight.releasePermit = release
            state.watchDeadline(of: flight)
            return true
        }
    }

    /// Gives back the leave to ask the origin, because the loader has answered.
    func releasePermit(of flight: Flight<Key, Value>) {
        update { _, aftermath in
            aftermath.perform(flight.releasePermit)
            flight.releasePermit = nil
        }
    }

    /// Gives those who lead some flights the whole of their time once more, because they only come to them now.
    func renewDeadlines(of flights: [Flight<Key, Value>]) {
        let now = watch.now
        update { state, _ in
            for flight in flights where flight.phase == .loading {
                state.alarms.set(flight, to: flight.deadline(from: now))
            }
        }
    }

    /// Until when the leader of a flight may take.
    func deadline(of flight: Flight<Key, Value>) -> UInt64 {
        update { _, _ in flight.deadline }
    }

    /// Says how to find out whether an invalidation has touched what a flight brings.
    func setValidity(of flight: Flight<Key, Value>, _ validity: ResultValidity) {
        update { _, _ in flight.validity = validity }
    }

    /// Lets a flight that is being stored hold its key until ``finishFilling(_:_:)``, whatever its leader does.
    ///
    /// - Parameters:
    ///   - flight: The flight.
    ///   - drop: Drops the fill, unless it is being made, for those who wait for its end.
    func beginFilling(_ flight: Flight<Key, Value>, orDrop drop: @escaping @Sendable () -> Void) {
        update { _, _ in
            guard flight.phase == .storing else { return }
            flight.phase = .filling
            flight.dropFill = drop
        }
    }

    /// Ends a flight whose fill has been made or dropped; who waits for it gets the answer.
    func finishFilling(_ flight: Flight<Key, Value>, _ answer: CacheResult<Value>) {
        update { state, aftermath in state.close(flight, .answer(answer), &aftermath) }
    }

    /// Ends a flight and tells all who wait for it; one that is filling keeps its key.
    func finish(_ flight: Flight<Key, Value>, _ turn: Turn<Key, Value>) {
        update { state, aftermath in
            if flight.phase == .filling {
                state.tell(flight, turn, &aftermath)
            } else {
                state.close(flight, turn, &aftermath)
            }
        }
    }

    /// Passes the lead of a flight to the next waiter, or ends it where there is none.
    ///
    /// Only a waiter who is suspended takes the lead: one who is busy elsewhere, with other keys of a bulk read,
    /// would leave the flight without anybody at work on it. Such a waiter begins again when it comes to it. Nor is the
    /// lead of a load passed on that was being stored: those who wait for the end of that may not want to load at all.
    func handOver(_ flight: Flight<Key, Value>) {
        let now = watch.now
        update { state, aftermath in
            guard !flight.isDetached, flight.phase == .loading,
                let heir = flight.waiters.first(where: \.state.isParked)
            else {
                return state.close(flight, .retry, &aftermath)
            }
            flight.phase = .loading
            flight.fallback = nil
            flight.escalation = nil
            flight.began = state.newestRecord()
            flight.validity = nil
            state.alarms.set(flight, to: flight.deadline(from: now))
            aftermath.perform(flight.releasePermit)
            flight.releasePermit = nil
            state.alarms.cancel(heir)
            aftermath.tell(heir, .lead(flight))
            flight.waiters.removeAll { $0.state.isOver }
            flight.waiting = flight.waiters.count
        }
    }
}

extension FlightTable.State {
    /// Ends a load that takes too long.
    mutating func abandon(_ flight: Flight<Key, Value>, _ aftermath: inout Aftermath) {
        abandoned += 1
        aftermath.perform(flight.cancelLoad)
        // What the store had before the key was written or removed is not for anybody any more.
        close(flight, .abandoned(flight.isDetached ? nil : flight.fallback), &aftermath)
    }
}
