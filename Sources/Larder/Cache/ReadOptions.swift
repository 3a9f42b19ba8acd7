/// What one read does differently from others.
public struct ReadOptions: OptionSet, Hashable, Sendable {
    /// The bits of the options.
    public let rawValue: UInt8

    /// Makes options of their bits.
    ///
    /// - Parameter rawValue: The bits.
    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Does not look into memory.
    @inlinable public static var skipMemoryRead: ReadOptions { ReadOptions(rawValue: 1) }
    /// Does not put into memory what it loads or finds in the store.
    @inlinable public static var skipMemoryWrite: ReadOptions { ReadOptions(rawValue: 2) }
    /// Does not ask the store.
    @inlinable public static var skipStoreRead: ReadOptions { ReadOptions(rawValue: 4) }
    /// Does not put into the store what it loads.
    @inlinable public static var skipStoreWrite: ReadOptions { ReadOptions(rawValue: 8) }
    /// Loads anew, whatever the tiers hold; stale copies stand in if that fails.
    ///
    /// A load that is under way may have begun before what this caller wants to see, so it is not joined, and what it
    /// brings is not stored.
    @inlinable public static var forceRefresh: ReadOptions { ReadOptions(rawValue: 16) }
    /// Takes a stale copy within its grace as an answer at once, if there is one.
    ///
    /// A read with a loader starts no load then; the other rules of stale copies need no option.
    @inlinable public static var allowStale: ReadOptions { ReadOptions(rawValue: 32) }

    /// Makes a span even where memory has the answer; see <doc:Tracing>.
    ///
    /// Such a hit takes as long as a miss without a load.
    @inlinable public static var traced: ReadOptions { ReadOptions(rawValue: 64) }

    /// Neither looks into memory nor fills it.
    @inlinable public static var skipMemory: ReadOptions { [.skipMemoryRead, .skipMemoryWrite] }
    /// Neither asks the store nor fills it.
    @inlinable public static var skipStore: ReadOptions { [.skipStoreRead, .skipStoreWrite] }
    /// Fills no tier.
    @inlinable public static var readOnly: ReadOptions { [.skipMemoryWrite, .skipStoreWrite] }
}

extension ReadOptions {
    /// Whether memory may answer.
    @inlinable var readsMemory: Bool { isDisjoint(with: [.skipMemoryRead, .forceRefresh]) }
    /// A read ahead of those that will be made: it counts neither as a read of its key nor as a hit or a miss.
    @usableFromInline static var ahead: ReadOptions { ReadOptions(rawValue: 128) }
    /// Whether memory may answer at once, without a span.
    @inlinable var takesHitAtOnce: Bool { isDisjoint(with: [.skipMemoryRead, .forceRefresh, .traced, .ahead]) }
    var readsStore: Bool { isDisjoint(with: [.skipStoreRead, .forceRefresh]) }
}
