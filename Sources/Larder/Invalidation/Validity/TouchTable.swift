/// The newest invalidation of each of some things, of which it forgets the oldest when there are too many.
struct TouchTable<Key: Hashable & Sendable>: Sendable {
    private let limit: Int
    private var marks: [Key: TouchMarks] = [:]

    init(limit: Int) {
        self.limit = max(limit, 1)
    }

    var count: Int { marks.count }
    var isEmpty: Bool { marks.isEmpty }

    subscript(key: Key) -> TouchMarks? { marks[key] }

    /// Notes an invalidation.
    ///
    /// - Returns: The newest invalidations that were forgotten to make room, if any: what they touched is no longer
    ///   known, and has to be taken for everything.
    mutating func touch(_ key: Key, at mark: LogMark, isSoft: Bool) -> TouchMarks? {
        marks[key, default: TouchMarks()].raise(to: mark, isSoft: isSoft)
        guard marks.count > limit else { return nil }
        return forgetOldest()
    }

    mutating func removeAll() {
        marks = [:]
    }

    /// Forgets an eighth, so that the sorting is paid for by many touches.
    private mutating func forgetOldest() -> TouchMarks {
        let oldestFirst = marks.sorted { $0.value.newest < $1.value.newest }
        var forgotten = TouchMarks()
        for (key, marks) in oldestFirst.prefix(limit / 8 + 1) {
            forgotten.raise(to: marks)
            self.marks[key] = nil
        }
        return forgotten
    }
}
