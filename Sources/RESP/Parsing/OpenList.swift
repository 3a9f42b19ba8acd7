/// A list whose elements are still coming.
struct OpenList {
    enum Kind: Hashable {
        case array
        case set
        case map
        case push
        case attribute
    }

    let kind: Kind
    private var remaining: Int
    private var elements: [RESPValue] = []

    init(kind: Kind, count: Int) {
        self.kind = kind
        remaining = kind == .map || kind == .attribute ? count * 2 : count
        // The count is the peer's word: room for more is made as the elements arrive.
        elements.reserveCapacity(min(remaining, 256))
    }

    var isComplete: Bool { remaining == 0 }

    mutating func append(_ value: RESPValue) {
        elements.append(value)
        remaining -= 1
    }

    var value: RESPValue {
        switch kind {
        case .array, .attribute: .array(elements)
        case .set: .set(elements)
        case .push: .push(elements)
        case .map:
            .map(
                stride(from: 0, to: elements.count - 1, by: 2)
                    .map {
                        RESPPair(key: elements[$0], value: elements[$0 + 1])
                    }
            )
        }
    }
}
