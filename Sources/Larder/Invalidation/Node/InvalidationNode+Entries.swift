extension InvalidationNode {
    /// What a load knows of its beginning.
    package struct LoadTicket: Hashable, Sendable {
        /// The newest record that was known then.
        package let mark: LogMark
        /// The record up to which all had been applied then.
        package let applied: LogMark
        /// When that was.
        package let time: Duration
    }

    /// What becomes of an entry of memory that is read.
    package enum Service: Hashable, Sendable {
        /// It is served, and carries a newer mark from now on.
        case hit(LogMark)
        /// It is served as stale at most, while a load replaces it.
        case stale
        /// It is not served.
        case none
    }

    /// What becomes of a value that was loaded.
    package struct LoadOutcome: Hashable, Sendable {
        /// The mark with which it enters memory, or `nil` if it does not.
        package var memoryMark: LogMark?
        /// The position with which it enters the store, or `nil` if it does not.
        package var position: LogPosition?
        /// The version that the store must still hold; `nil` for a write that does not ask.
        package var over: StoreVersion?
    }

    /// Judges an entry of memory whose mark is older than the newest lazy record, or any while the node is cut off.
    package func service(
        ofEntryFrom mark: LogMark,
        key: StoreKey,
        tags: some Sequence<String>,
        at now: Duration
    ) -> Service {
        var validity = Validity.valid
        if mark < index.newestLazy, fences.contains(.lazyChecks) {
            validity = index.validity(ofEntryFrom: mark, key: key, tags: tags)
        }
        switch validity {
        case .hardInvalid: return .none
        case .softInvalid: return .stale
        case .valid: return isCutOff(at: now) ? .stale : .hit(max(mark, index.compared))
        }
    }

    /// Begins a miss, before it reads the store.
    package func beginLoad(at now: Duration) -> LoadTicket {
        LoadTicket(mark: index.now, applied: index.applied, time: now)
    }

    /// Judges an entry that was found in the store.
    ///
    /// All that was applied since the ticket was taken may have come between the answer of the store and this, be it
    /// older than a record that the ticket knows of already.
    ///
    /// - Returns: How it may be served, and the mark with which it enters memory, if it does.
    package func admission(
        ofStoredFrom position: LogPosition,
        key: StoreKey,
        tags: some Sequence<String>,
        ticket: LoadTicket,
        at now: Duration
    ) -> (service: Service, memoryMark: LogMark?) {
        let mark = index.mark(of: position)
        // Also by the records of keys: the tombstone may have come after the answer, or be gone.
        let validity = index.validity(ofEntryFrom: mark, key: key, tags: tags)
        if validity == .hardInvalid, fences.contains(.keyChecks) { return (.none, nil) }
        let service = service(ofEntryFrom: mark, key: key, tags: tags, at: now)
        guard case .hit(let mark) = service else { return (service, nil) }
        guard fences.contains(.memoryFills), index.isTouched(key, tags: tags, since: ticket.applied) else {
            return (service, mark)
        }
        return (index.isRemoved(key, tags: tags, since: ticket.applied) ? .none : .stale, nil)
    }

    /// The mark with which a value that was written enters memory; `nil` if something newer has touched it already.
    package func mark(
        ofWrittenAt position: LogPosition,
        key: StoreKey,
        tags: some Sequence<String>
    ) -> LogMark? {
        let mark = index.mark(of: position)
        return index.isTouched(key, tags: tags, since: mark) ? nil : mark
    }

    /// Whether what began with a ticket may still be stored.
    package func isInTime(_ ticket: LoadTicket, at now: Duration) -> Bool {
        now - ticket.time < configuration.loadDeadline || !fences.contains(.loadDeadline)
    }

    /// Decides where a loaded value goes.
    ///
    /// - Parameters:
    ///   - ticket: What was known when the load began.
    ///   - key: The key.
    ///   - tags: The tags of the value.
    ///   - version: What the store held when the load began; `nil` if it could not be asked.
    ///   - now: The time.
    /// - Returns: Where the value goes.
    package func outcome(
        of ticket: LoadTicket,
        key: StoreKey,
        tags: some Sequence<String>,
        seen version: StoreVersion?,
        at now: Duration
    ) -> LoadOutcome {
        var outcome = LoadOutcome()
        let isTouched = index.isTouched(key, tags: tags, since: ticket.mark)
        if !isTouched || !fences.contains(.memoryFills) { outcome.memoryMark = max(ticket.mark, index.compared) }
        guard isInTime(ticket, at: now), let version, !isTouched || !fences.contains(.memoryFills) else {
            return outcome
        }
        outcome.position = index.position(of: ticket.mark)
        if fences.contains(.storeFills) { outcome.over = version }
        return outcome
    }
}
