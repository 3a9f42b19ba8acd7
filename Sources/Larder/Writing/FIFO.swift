/// A queue: what came first leaves first.
struct FIFO<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { head == elements.count }
    var first: Element? { isEmpty ? nil : elements[head] }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    @discardableResult
    mutating func removeFirst() -> Element? {
        guard let first else { return nil }
        head += 1
        // Moving the rest down now and then costs each element a constant.
        if head > 32, head * 2 > elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return first
    }
}

/// Elements by their moments, the earliest first: a binary heap.
struct Timeline<Element: Sendable>: Sendable {
    private var heap: [(moment: UInt64, element: Element)] = []

    /// The earliest moment.
    var first: UInt64? { heap.first?.moment }

    mutating func insert(_ element: Element, at moment: UInt64) {
        heap.append((moment, element))
        var child = heap.count - 1
        while child > 0, heap[child].moment < heap[(child - 1) / 2].moment {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Removes the earliest element, if its moment has come.
    mutating func popFirst(dueAt now: UInt64) -> Element? {
        guard let first = heap.first, first.moment <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].moment < heap[least].moment { least = child }
            }
            guard least != parent else { return first.element }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
