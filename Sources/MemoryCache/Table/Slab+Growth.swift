public import Synchronization

extension Slab {
    /// Makes room for more nodes; all nodes in use keep their numbers.
    ///
    /// Only called when no node is free, so each entry up to `unusedFrom` is initialised and can be moved.
    @inlinable
    @inline(never)
    mutating func grow(capacity larger: Int) {
        let used = unusedFrom
        Self.move(&entries, used, larger)
        Self.move(&marks, used, larger)
        Self.move(&links, used, larger)
        Self.move(&weights, used, larger)
        Self.move(&deadlines, used, larger)
        Self.move(&ends, used, larger)
        Self.move(&timers, used, larger)
        capacity = larger
    }

    @inlinable
    static func move<Element: ~Copyable>(_ column: inout UnsafeMutablePointer<Element>, _ count: Int, _ capacity: Int) {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
        larger.moveInitialize(from: column, count: count)
        column.deallocate()
        column = larger
    }

    @inlinable
    static func move<Element: ~Copyable>(
        _ column: inout UnsafeMutablePointer<Element>?,
        _ count: Int,
        _ capacity: Int
    ) {
        guard var present = column else { return }
        move(&present, count, capacity)
        column = present
    }

    /// Gives each node a deadline, from the first entry on that has one.
    @inlinable
    @inline(never)
    mutating func addDeadlines(ends hasEnds: Bool) {
        let column = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: capacity)
        for node in 0..<unusedFrom { (column + node).initialize(to: Atomic(Deadline.never)) }
        deadlines = column
        let timers = UnsafeMutablePointer<TimerWheel.Links>.allocate(capacity: capacity)
        timers.initialize(repeating: TimerWheel.Links(), count: unusedFrom)
        self.timers = timers
        guard hasEnds else { return }
        let ends = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity)
        ends.initialize(repeating: Deadline.never, count: unusedFrom)
        self.ends = ends
    }
}
