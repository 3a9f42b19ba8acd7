/// How many loads may ask the origin at once, and what happens to those beyond.
///
/// Loads that callers wait for come before those in the background, which refresh and warm; among equals, the first
/// comes first. A group of keys that has reached its limit holds up no other.
public struct LoadLimits: Hashable, Sendable {
    /// What happens to a load that finds no room.
    public enum WhenFull: Hashable, Sendable {
        /// It waits until there is room, its caller gives up, or its deadline comes; a queue that is full refuses it.
        case wait
        /// Its caller gets the stale copy if there is one, and else waits as with ``wait``.
        case stale
        /// It is refused; there is no queue.
        case refuse
    }

    /// How many loads may run at once, at least 1.
    public var maximumConcurrentLoads: Int

    /// How many loads of one group of keys may run at once, at least 1; `nil` for no limit of their own.
    public var maximumConcurrentLoadsPerGroup: Int?

    /// How many loads may wait, zero or more.
    ///
    /// Past it, loads are refused with the code `overloaded`; one that a caller waits for takes the place of the
    /// last one in the background.
    public var maximumQueuedLoads: Int

    /// What happens to a load that finds no room.
    public var whenFull: WhenFull

    /// Makes limits.
    ///
    /// - Parameters:
    ///   - maximumConcurrentLoads: How many loads may run at once; 256 unless given.
    ///   - maximumConcurrentLoadsPerGroup: How many loads of one group may run at once; no limit unless given.
    ///   - maximumQueuedLoads: How many loads may wait; 10,000 unless given.
    ///   - whenFull: What happens to a load that finds no room; it waits unless given.
    public init(
        maximumConcurrentLoads: Int = 256,
        maximumConcurrentLoadsPerGroup: Int? = nil,
        maximumQueuedLoads: Int = 10_000,
        whenFull: WhenFull = .wait
    ) {
        self.maximumConcurrentLoads = maximumConcurrentLoads
        self.maximumConcurrentLoadsPerGroup = maximumConcurrentLoadsPerGroup
        self.maximumQueuedLoads = maximumQueuedLoads
        self.whenFull = whenFull
    }
}

extension LoadLimits {
    /// Checks the ranges.
    func validate() throws(CacheError) {
        let bounds: [(isKept: Bool, rule: String)] = [
            (maximumConcurrentLoads >= 1, "maximumConcurrentLoads has to be at least 1"),
            (
                maximumConcurrentLoadsPerGroup.map { $0 >= 1 } ?? true,
                "maximumConcurrentLoadsPerGroup has to be at least 1, or nil"
            ),
            (maximumQueuedLoads >= 0, "maximumQueuedLoads has to be zero or more"),
        ]
        for bound in bounds where !bound.isKept {
            throw CacheError(.invalidConfiguration, "The setting \(bound.rule) in the limits of loads.")
        }
    }

    /// How many loads may wait, by all settings together.
    var queueCapacity: Int { whenFull == .refuse ? 0 : maximumQueuedLoads }
}

/// Which loads come first.
enum LoadPriority: Hashable, Sendable {
    /// Somebody waits for the value.
    case foreground
    /// Nobody does: a refresh, or warming.
    case background
}
