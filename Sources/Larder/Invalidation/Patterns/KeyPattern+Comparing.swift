extension KeyPattern {
    /// Whether each key that another pattern matches is known to match this one, too.
    ///
    /// - Parameter other: The other pattern.
    /// - Returns: `true` only if it is so; `false` also for some pairs that are hard to compare.
    package func covers(_ other: KeyPattern) -> Bool {
        // The other pattern is taken for a key whose characters are its elements.
        let pattern = Self.ordered(elements)
        let key = Self.ordered(other.elements)
        var reached: Set<Int> = [0]
        Self.skipRuns(&reached, pattern)
        for element in key {
            var next: Set<Int> = []
            for index in reached where index < pattern.count {
                if pattern[index] == .anyRun { next.insert(index) }
                if pattern[index].covers(element) { next.insert(index + 1) }
            }
            Self.skipRuns(&next, pattern)
            reached = next
        }
        return reached.contains(pattern.count)
    }

    /// Whether a key that begins with some bytes and goes on behind them may match.
    func mayMatch(keyThatBeginsWith beginning: ArraySlice<UInt8>) -> Bool {
        beginning.withUnsafeBufferPointer { beginning in
            var reached: Set<Int> = [0]
            Self.skipRuns(&reached, elements)
            var reader = ScalarReader(beginning)
            while let code = reader.next() {
                var next: Set<Int> = []
                for index in reached where index < elements.count && elements[index].accepts(code) {
                    next.insert(elements[index] == .anyRun ? index : index + 1)
                }
                Self.skipRuns(&next, elements)
                reached = next
            }
            return reached.contains { $0 < elements.count }
        }
    }

    private static func skipRuns(_ reached: inout Set<Int>, _ elements: [GlobElement]) {
        for index in reached where index < elements.count && elements[index] == .anyRun { reached.insert(index + 1) }
    }

    /// The same pattern with its runs behind the single characters next to them: `*?` means what `?*` means.
    private static func ordered(_ elements: [GlobElement]) -> [GlobElement] {
        var ordered: [GlobElement] = []
        for element in elements {
            if element == .anyScalar, ordered.last == .anyRun {
                ordered.insert(element, at: ordered.count - 1)
            } else if element != .anyRun || ordered.last != .anyRun {
                ordered.append(element)
            }
        }
        return ordered
    }

    /// A key that both this pattern and another one match, if there is one.
    ///
    /// - Parameter other: The other pattern.
    /// - Returns: One of these keys, or `nil` if there is none.
    /// - Complexity: O(length of this pattern times length of the other).
    package func example(sharedWith other: KeyPattern) -> String? {
        let (left, right) = (elements, other.elements)
        let width = right.count + 1
        // How each pair of places in the two patterns was reached: from which pair, and by which character.
        var origins: [Int: (place: Int, scalar: Unicode.Scalar?)] = [0: (0, nil)]
        var places = [0]
        var next = 0
        while next < places.count {
            let place = places[next]
            next += 1
            let (first, second) = (place / width, place % width)
            if first == left.count, second == right.count { return text(to: place, origins) }
            func visit(_ target: Int, _ scalar: Unicode.Scalar?) {
                guard origins[target] == nil else { return }
                origins[target] = (place, scalar)
                places.append(target)
            }
            if first < left.count, left[first] == .anyRun { visit(place + width, nil) }
            if second < right.count, right[second] == .anyRun { visit(place + 1, nil) }
            if first < left.count, second < right.count, let scalar = left[first].scalar(sharedWith: right[second]) {
                let step = (left[first] == .anyRun ? 0 : width) + (right[second] == .anyRun ? 0 : 1)
                if step > 0 { visit(place + step, scalar) }
            }
        }
        return nil
    }

    private func text(to place: Int, _ origins: [Int: (place: Int, scalar: Unicode.Scalar?)]) -> String {
        var scalars: [Unicode.Scalar] = []
        var place = place
        while place != 0, let origin = origins[place] {
            if let scalar = origin.scalar { scalars.append(scalar) }
            place = origin.place
        }
        return String(String.UnicodeScalarView(scalars.reversed()))
    }
}

extension GlobElement {
    /// Whether this element accepts all that another one does.
    fileprivate func covers(_ other: GlobElement) -> Bool {
        switch (self, other) {
        case (.anyRun, _): false  // A run stays where it is instead.
        case (_, .anyRun): false
        case (.anyScalar, _): true
        case (_, .scalar(let scalar)): accepts(scalar.value)
        case (.set(let ranges, false), .set(let others, false)):
            others.allSatisfy { other in
                ranges.contains { $0.contains(other.lowerBound) && $0.contains(other.upperBound) }
            }
        case (.set(let ranges, true), .set(let others, false)):
            !ranges.contains { range in others.contains { $0.overlaps(range) } }
        default: self == other
        }
    }

    /// A character that both this element and another one accept.
    fileprivate func scalar(sharedWith other: GlobElement) -> Unicode.Scalar? {
        (samples + other.samples + ["a", "0", "\u{FFFD}"]).first { accepts($0.value) && other.accepts($0.value) }
    }

    private var samples: [Unicode.Scalar] {
        switch self {
        case .anyRun, .anyScalar: []
        case .scalar(let scalar): [scalar]
        case .set(let ranges, _):
            ranges.flatMap { [$0.lowerBound, $0.upperBound, $0.upperBound + 1] }.compactMap(Unicode.Scalar.init)
        }
    }
}
