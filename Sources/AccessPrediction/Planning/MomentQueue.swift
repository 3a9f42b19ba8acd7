/// Elements by the moments at which they are to be looked at, the earliest first: a binary heap.
package struct MomentQueue<Element: Sendable>: Sendable {
    private var heap: [(moment: Double, element: Element)] = []

    package init() {}

    package var count: Int { heap.count }

    /// The earliest moment.
    package var first: Double? { heap.first?.moment }

    package mutating func insert(_ element: Element, at moment: Double) {
        heap.append((moment, element))
        var child = heap.count - 1
        while child > 0, heap[child].moment < heap[(child - 1) / 2].moment {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Removes the earliest element, if its moment has come.
    package mutating func popFirst(dueAt now: Double) -> (moment: Double, element: Element)? {
        guard let first = heap.first, first.moment <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].moment < heap[least].moment { least = child }
            }
            guard least != parent else { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
