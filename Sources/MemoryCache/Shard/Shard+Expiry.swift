public import Synchronization

extension Shard {
    /// Sets when the life of an entry ends: at the deadline, and before that whenever it is idle for too long.
    ///
    /// A node that is new held no entry before.
    @inlinable
    @inline(__always)
    mutating func set(_ node: Node, deadline: UInt64, now: UInt64, isNew: Bool) {
        if slab.deadlines == nil, deadline == Deadline.never, idleTime == 0 { return }
        setDeadline(node, deadline, now: now, isNew: isNew)
    }

    @inlinable
    mutating func setDeadline(_ node: Node, _ end: UInt64, now: UInt64, isNew: Bool) {
        if slab.deadlines == nil {
            slab.addDeadlines(ends: idleTime > 0)
            wheel = TimerWheel(now: now)
        }
        guard let deadlines = slab.deadlines, let timers = slab.timers else { return }
        if isNew { timers[Int(node)] = TimerWheel.Links() }
        if let ends = slab.ends { ends[Int(node)] = end }
        let deadline = idleTime > 0 ? min(end, Deadline.after(idleTime, from: now)) : end
        let old = isNew ? Deadline.never : deadlines[Int(node)].load(ordering: .relaxed)
        deadlines[Int(node)].store(deadline, ordering: .relaxed)
        if timers[Int(node)].previous != .none {
            // A node may wait for an earlier deadline than it has.
            guard deadline < old else { return }
            wheel?.cancel(node, timers)
        }
        if deadline != Deadline.never { wheel?.place(node, deadline: deadline, timers) }
        nextExpiry = wheel?.next ?? .max
    }

    /// Puts off the end of an entry that was read, by any number of readers at once.
    @inlinable
    @inline(__always)
    func keepAlive(_ node: Node, _ deadline: UnsafeMutablePointer<Atomic<UInt64>>, now: UInt64) {
        guard let ends = slab.ends else { return }
        deadline.pointee.store(min(ends[Int(node)], Deadline.after(idleTime, from: now)), ordering: .relaxed)
    }

    /// Takes note that a node is about to be free.
    @inlinable
    @inline(__always)
    func cancelTimer(_ node: Node) {
        if let timers = slab.timers { wheel?.cancel(node, timers) }
    }

    /// Whether entries may have expired, up to a tick ago.
    @inlinable
    @inline(__always)
    func mayHaveExpired(now: UInt64) -> Bool { nextExpiry < TimerWheel.tick(now) }

    /// The entries whose deadline has come, at most about `limit`; they remain in the table.
    ///
    /// - Returns: The first of them, to be passed to `removeDue`, how many they are, and whether there may be more.
    @inlinable
    mutating func takeDue(now: UInt64, limit: Int) -> (first: Node, count: Int, isMore: Bool) {
        guard let timers = slab.timers, let deadlines = slab.deadlines else { return (.none, 0, false) }
        let due = wheel?.takeDue(now, limit: limit, timers, deadlines)
        nextExpiry = wheel?.next ?? .max
        return due ?? (.none, 0, false)
    }

    /// Takes out the entries that `takeDue` returned.
    ///
    /// - Returns: The weight that left.
    @inlinable
    mutating func removeDue(_ first: Node, removals: inout Removals<Key, Value>) -> Int {
        guard let timers = slab.timers else { return 0 }
        var freed = 0
        var node = first
        while node != .none {
            let next = timers[Int(node)].next
            freed += remove(node, cause: .expired, removals: &removals)
            node = next
        }
        return freed
    }
}
