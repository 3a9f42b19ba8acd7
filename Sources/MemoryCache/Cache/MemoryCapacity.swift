/// How much a ``MemoryCache`` may hold.
public struct MemoryCapacity: Hashable, Sendable {
    /// The unit of the limit.
    @usableFromInline
    package enum Unit: Hashable, Sendable {
        case entries
        case weight
        case bytes
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

    /// An amount of memory: what keys and values hold, and what the cache takes for them.
    ///
    /// Keys and values that hold memory outside of themselves have to be ``HeapSized``, or the cache needs a weigher,
    /// which says what they hold, and to which the cache adds what it takes. The process grows by the given number, give
    /// or take a tenth.
    ///
    /// - Parameter total: The largest sum, at least 1.
    /// - Returns: The capacity.
    public static func bytes(_ total: Int) -> MemoryCapacity {
        MemoryCapacity(unit: .bytes, limit: total)
    }

    /// A part of the memory that the process may use: of its container's limit, or of the machine's memory.
    ///
    /// The limit is read when this is called: `memory.max` of the process's control group and of those around it, or
    /// `memory.limit_in_bytes` of the first version of control groups; without a limit, what the machine has.
    ///
    /// - Parameter fraction: The part, above 0 and at most 1.
    /// - Returns: The capacity, in bytes.
    public static func memoryFraction(_ fraction: Double) -> MemoryCapacity {
        memoryFraction(fraction, of: MachineMemory())
    }

    package static func memoryFraction(_ fraction: Double, of memory: MachineMemory) -> MemoryCapacity {
        // What is no number, or less than nothing, becomes a capacity that a cache refuses.
        let share = fraction > 0 && fraction <= 1 ? fraction * Double(memory.limit) : 0
        return .bytes(Int(share))
    }
}
