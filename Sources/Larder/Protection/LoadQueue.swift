import MemoryCache

/// Which loads run and which wait, without lock or clock.
///
/// The loads of a group wait in its lane. A lane is ready if one of its loads may run as far as the group is
/// concerned. As long as there is room in all, no lane is ready: whoever finds room starts at once and overtakes
/// nobody, and a load that ends makes room for one other at most.
struct LoadQueue {
    /// A place in the queue; lower ones come first, and none is given twice.
    typealias Place = UInt64

    /// What becomes of a load that found no room.
    enum Admission: Equatable {
        /// It waits; one in the background may have had to leave for it.
        case queued(Place, displaced: Place?)
        case refused
    }

    private struct Waiter {
        let group: String?
        let deadline: UInt64
    }

    private struct Lane {
        var running = 0
        var line = IndexedHeap<Place>()
    }

    private let limits: LoadLimits
    private var waiters: [Place: Waiter] = [:]
    private var lanes: [String?: Lane] = [:]
    private var ready = IndexedHeap<String?>()
    private var deadlines = IndexedHeap<Place>()
    /// Those who may have to leave, the last first.
    private var background = IndexedHeap<Place>()
    private var lastNumber: UInt64 = 0

    private(set) var running = 0
    private(set) var refused = 0

    /// Makes an empty queue; the limits have to be valid.
    init(_ limits: LoadLimits) {
        self.limits = limits
    }

    var queued: Int { waiters.count }

    /// When the first of those who wait gives up.
    var earliestDeadline: UInt64? { deadlines.first?.rank }

    /// The number of groups that are kept in mind.
    var groups: Int { lanes.count }

    /// Starts a load if there is room.
    mutating func start(_ group: String?) -> Bool {
        let group = effective(group)
        guard running < limits.maximumConcurrentLoads, hasRoom(group) else { return false }
        running += 1
        lanes[group, default: Lane()].running += 1
        return true
    }

    /// Lets a load wait that found no room.
    mutating func enqueue(_ group: String?, _ priority: LoadPriority, deadline: UInt64) -> Admission {
        var displaced: Place?
        if waiters.count >= limits.queueCapacity {
            refused += 1
            guard priority == .foreground, let last = background.first?.element else { return .refused }
            remove(last)
            displaced = last
        }
        let place = nextPlace(priority)
        insert(Waiter(group: effective(group), deadline: deadline), at: place)
        return .queued(place, displaced: displaced)
    }

    /// Lets a load in the background wait with those that come first, at their end.
    ///
    /// - Returns: Its new place, or `nil` if it is there already, or does not wait any more.
    mutating func raise(_ place: Place) -> Place? {
        guard place & Self.backgroundBit != 0, let waiter = remove(place) else { return nil }
        let raised = nextPlace(.foreground)
        insert(waiter, at: raised)
        return raised
    }

    /// Ends a load.
    ///
    /// - Returns: The place and the group of the one that starts in its stead.
    mutating func end(_ group: String?) -> (place: Place, group: String?)? {
        let group = effective(group)
        running -= 1
        lanes[group]?.running -= 1
        update(group)
        guard let next = ready.first, let waiter = removeWaiter(next.rank) else { return nil }
        running += 1
        lanes[waiter.group]?.running += 1
        update(waiter.group)
        return (next.rank, waiter.group)
    }

    /// Takes one out who waits.
    mutating func leave(_ place: Place) { remove(place) }

    /// Takes out those whose deadline has come.
    mutating func expire(at now: UInt64) -> [Place] {
        var expired: [Place] = []
        while let first = deadlines.first, first.rank <= now {
            remove(first.element)
            expired.append(first.element)
        }
        return expired
    }
}

// MARK: - The lanes

extension LoadQueue {
    private static let backgroundBit: UInt64 = 1 << 63

    /// Without a limit for groups all share a lane.
    private func effective(_ group: String?) -> String? {
        limits.maximumConcurrentLoadsPerGroup == nil ? nil : group
    }

    private func hasRoom(_ group: String?) -> Bool {
        guard let maximum = limits.maximumConcurrentLoadsPerGroup, group != nil else { return true }
        return lanes[group].map { $0.running < maximum } ?? true
    }

    private mutating func nextPlace(_ priority: LoadPriority) -> Place {
        lastNumber += 1
        return priority == .background ? lastNumber | Self.backgroundBit : lastNumber
    }

    private mutating func insert(_ waiter: Waiter, at place: Place) {
        waiters[place] = waiter
        lanes[waiter.group, default: Lane()].line.setRank(place, of: place)
        if waiter.deadline != Deadline.never { deadlines.setRank(waiter.deadline, of: place) }
        if place & Self.backgroundBit != 0 { background.setRank(~place, of: place) }
        update(waiter.group)
    }

    @discardableResult
    private mutating func remove(_ place: Place) -> Waiter? {
        guard let waiter = removeWaiter(place) else { return nil }
        update(waiter.group)
        return waiter
    }

    private mutating func removeWaiter(_ place: Place) -> Waiter? {
        guard let waiter = waiters.removeValue(forKey: place) else { return nil }
        lanes[waiter.group]?.line.setRank(nil, of: place)
        deadlines.setRank(nil, of: place)
        background.setRank(nil, of: place)
        return waiter
    }

    /// Sees whether a lane is ready, or empty.
    private mutating func update(_ group: String?) {
        guard let lane = lanes[group] else { return }
        ready.setRank(hasRoom(group) ? lane.line.first?.rank : nil, of: group)
        if lane.running == 0, lane.line.isEmpty { lanes[group] = nil }
    }
}
