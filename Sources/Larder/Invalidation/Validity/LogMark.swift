/// A place in the invalidation log as one node counts it: a single number, and ordered even across epochs.
///
/// An entry in memory carries the mark of the moment in which its load began. A node translates positions into marks
/// by adding a number that it chooses anew with each epoch, so that all marks of an epoch are larger than all those of
/// the epoch before. Marks mean nothing to other nodes.
package struct LogMark: Hashable, Comparable, Sendable {
    package var number: UInt64

    package init(_ number: UInt64) {
        self.number = number
    }

    /// Before all others; an entry with it is valid only as long as nothing is known of the log.
    package static let oldest = LogMark(0)

    package static func < (left: LogMark, right: LogMark) -> Bool { left.number < right.number }
}

/// The newest invalidation of something, hard and soft.
struct TouchMarks: Hashable, Sendable {
    var hard = LogMark.oldest
    var soft = LogMark.oldest

    var newest: LogMark { max(hard, soft) }

    mutating func raise(to mark: LogMark, isSoft: Bool) {
        if isSoft { soft = max(soft, mark) } else { hard = max(hard, mark) }
    }

    mutating func raise(to other: TouchMarks) {
        hard = max(hard, other.hard)
        soft = max(soft, other.soft)
    }
}
