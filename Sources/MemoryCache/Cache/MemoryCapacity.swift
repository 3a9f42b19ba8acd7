/// How much a ``MemoryCache`` may hold.
public struct MemoryCapacity: Hashable, Sendable {
    /// The unit of the limit.
    @usableFromInline
    package enum Unit: Hashable, Sendable {
        case entries
        case weight
    }

    package let unit: Unit
    @usableFromInline package let limit: Int

    /// A number of entries, whatever their size.
    ///
    /// - Parameter count: The largest number of entries, at least 1.
    /// - Returns: The capacity.
    public static func entries(_ count: Int) -> MemoryCapacity {
        MemoryCapacity(unit: .entries, limit: count)
    }

    /// A sum of weights, in a unit of the caller's choice such as bytes.
    ///
    /// - Parameter total: The largest sum of weights, at least 1. An entry heavier than this is never stored.
    /// - Returns: The capacity.
    public static func weight(_ total: Int) -> MemoryCapacity {
        MemoryCapacity(unit: .weight, limit: total)
    }
}
