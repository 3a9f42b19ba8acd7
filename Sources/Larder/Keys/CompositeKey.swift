/// Several keys taken together as one, where a type of its own is not worth its lines.
///
/// ```swift
/// let key = CompositeKey("invoices", 2026, 11)        // encoded as invoices:2026:11
/// ```
public struct CompositeKey<each Part: CacheKey>: CacheKey {
    /// The parts, in order.
    public let parts: (repeat each Part)

    /// Makes a key of parts.
    ///
    /// - Parameter part: The parts, in order.
    public init(_ part: repeat each Part) {
        parts = (repeat each part)
    }

    /// Appends the parts of each key in turn.
    public func encode(into encoder: inout CacheKeyEncoder) {
        for part in repeat each parts { encoder.append(contentsOf: part) }
    }

    /// Whether all parts are equal.
    public static func == (left: Self, right: Self) -> Bool {
        for (left, right) in repeat (each left.parts, each right.parts) {
            guard left == right else { return false }
        }
        return true
    }

    /// Feeds all parts to a hasher.
    public func hash(into hasher: inout Hasher) {
        for part in repeat each parts { hasher.combine(part) }
    }
}
