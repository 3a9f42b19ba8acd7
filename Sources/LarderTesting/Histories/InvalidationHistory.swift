/// What several nodes did with some keys, and whether their reads kept the promises of invalidation.
///
/// The origin of each key counts its versions: who changes a key raises its version, and then invalidates or writes it.
/// A read may see any version from the newest one that had to be seen when it began. That is the newest one whose change
/// had returned on its own node, or anywhere else longer ago than the bound.
public struct InvalidationHistory: Sendable {
    /// Something that a node did with a key.
    public struct Event: Hashable, Sendable {
        /// What was done.
        public enum Kind: UInt8, Sendable {
            /// A value was read.
            case read
            /// A value was invalidated or written, which has returned.
            case change
        }

        /// What was done.
        public var kind: Kind
        /// Who did it, counted from 0.
        public var node: Int
        /// The key, counted from 0.
        public var key: Int
        /// The version that was read, or that the change made the oldest one that is true.
        public var version: Int
        /// When it began, in nanoseconds of a clock that all nodes share.
        public var start: Int64
        /// When it returned.
        public var end: Int64

        /// Makes an event.
        ///
        /// - Parameters:
        ///   - kind: What was done.
        ///   - node: Who did it, counted from 0.
        ///   - key: The key, counted from 0.
        ///   - version: The version that was read, or that the change made the oldest one that is true.
        ///   - start: When it began, in nanoseconds of a clock that all nodes share.
        ///   - end: When it returned.
        public init(_ kind: Kind, node: Int, key: Int, version: Int, start: Int64, end: Int64) {
            self.kind = kind
            self.node = node
            self.key = key
            self.version = version
            self.start = start
            self.end = end
        }
    }

    /// What came of comparing the reads with the changes.
    public struct Verdict: Sendable {
        /// Reads that saw an older version than their node had to know.
        public var staleReads: [Event] = []
        /// How old the values were of which reads may have been stale: nanoseconds from the return of the change on
        /// another node to the beginning of a read that did not see it, in no order.
        public var lags: [Int64] = []
    }

    private var events: [Event] = []

    /// Makes a history of nothing.
    public init() {}

    /// Adds what happened, in any order.
    ///
    /// - Parameter new: The events.
    public mutating func append(contentsOf new: some Sequence<Event>) {
        events.append(contentsOf: new)
    }

    /// Compares each read with the changes that had returned when it began.
    ///
    /// - Parameter bound: How long a change may take to reach the other nodes, not less than zero.
    /// - Returns: What was found.
    /// - Complexity: O(n log n) in the number of events.
    public func verdict(bound: Duration) -> Verdict {
        let bound =
            Int64(clamping: bound.components.seconds) * 1_000_000_000 + bound.components.attoseconds / 1_000_000_000
        var verdict = Verdict()
        for events in Dictionary(grouping: events, by: \.key).values {
            let changes = Frontier(of: events.filter { $0.kind == .change })
            for read in events where read.kind == .read {
                let required = max(
                    changes.newest(returnedBefore: read.start, on: read.node),
                    changes.newest(returnedBefore: read.start - bound, on: nil)
                )
                if read.version < required {
                    verdict.staleReads.append(read)
                } else if let missed = changes.firstReturn(ofVersionAfter: read.version), missed < read.start {
                    verdict.lags.append(read.start - missed)
                }
            }
        }
        return verdict
    }

    /// What happened to a key, in the order of the beginnings, as text for people.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - time: Around which moment.
    ///   - count: How many events to tell at most.
    /// - Returns: One line for each event.
    public func description(of key: Int, around time: Int64, count: Int = 20) -> String {
        let events = events.filter { $0.key == key }.sorted { $0.start < $1.start }
        let middle = events.firstIndex { $0.start >= time } ?? events.endIndex
        return events[max(0, middle - count / 2)..<min(events.count, middle + count / 2)]
            .map { "\($0.start - time) to \($0.end - time) ns: node \($0.node), \($0.kind) of version \($0.version)" }
            .joined(separator: "\n")
    }
}

/// The newest version at each moment, of one node and of all.
private struct Frontier {
    private struct Step {
        let end: Int64
        let newest: Int
    }

    private let all: [Step]
    private let byNode: [Int: [Step]]

    init(of changes: [InvalidationHistory.Event]) {
        let sorted = changes.sorted { $0.end < $1.end }
        all = Self.steps(sorted)
        byNode = Dictionary(grouping: sorted, by: \.node).mapValues(Self.steps)
    }

    private static func steps(_ changes: [InvalidationHistory.Event]) -> [Step] {
        var newest = 0
        return changes.map { change in
            newest = max(newest, change.version)
            return Step(end: change.end, newest: newest)
        }
    }

    func newest(returnedBefore time: Int64, on node: Int?) -> Int {
        let steps = node.map { byNode[$0] ?? [] } ?? all
        let index = steps.partitioningIndex { $0.end >= time }
        return index == 0 ? 0 : steps[index - 1].newest
    }

    func firstReturn(ofVersionAfter version: Int) -> Int64? {
        let index = all.partitioningIndex { $0.newest > version }
        return index < all.count ? all[index].end : nil
    }
}

extension Array {
    /// The first index whose element belongs to the second part; the elements are parted.
    fileprivate func partitioningIndex(_ belongsInSecondPart: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongsInSecondPart(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
