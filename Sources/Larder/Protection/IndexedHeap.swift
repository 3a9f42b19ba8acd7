/// Elements by rank, the lowest first, each of which can be found again to change its rank or to remove it.
///
/// All of that costs O(log n).
struct IndexedHeap<Element: Hashable> {
    private var entries: [(rank: UInt64, element: Element)] = []
    private var positions: [Element: Int] = [:]

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }

    /// The element with the lowest rank, and its rank.
    var first: (rank: UInt64, element: Element)? { entries.first }

    /// Gives an element a rank, and inserts it if it is new; `nil` removes it.
    mutating func setRank(_ rank: UInt64?, of element: Element) {
        guard let rank else { return remove(element) }
        let position = positions[element] ?? entries.count
        if position == entries.count {
            entries.append((rank, element))
            positions[element] = position
        } else {
            entries[position].rank = rank
        }
        settle(position)
    }

    private mutating func remove(_ element: Element) {
        guard let position = positions.removeValue(forKey: element) else { return }
        let last = entries.removeLast()
        guard position < entries.count else { return }
        entries[position] = last
        positions[last.element] = position
        settle(position)
    }

    /// Moves an entry up or down to where its rank belongs.
    private mutating func settle(_ start: Int) {
        var position = start
        while position > 0, entries[position].rank < entries[(position - 1) / 2].rank {
            swap(position, (position - 1) / 2)
            position = (position - 1) / 2
        }
        while let child = lesserChild(of: position), entries[child].rank < entries[position].rank {
            swap(position, child)
            position = child
        }
    }

    private func lesserChild(of position: Int) -> Int? {
        let (left, right) = (2 * position + 1, 2 * position + 2)
        guard left < entries.count else { return nil }
        return right < entries.count && entries[right].rank < entries[left].rank ? right : left
    }

    private mutating func swap(_ left: Int, _ right: Int) {
        entries.swapAt(left, right)
        positions[entries[left].element] = left
        positions[entries[right].element] = right
    }
}

extension IndexedHeap: Sendable where Element: Sendable {}
