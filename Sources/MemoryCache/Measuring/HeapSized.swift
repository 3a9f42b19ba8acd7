/// A type whose values can say how much memory they hold outside of themselves.
///
/// A cache with a capacity in bytes asks keys and values for it, unless it has a weigher. Numbers, strings, and arrays,
/// optionals and dictionaries of such types conform; types of your own, or of other modules, are made to conform in a
/// line or two:
///
/// ```swift
/// extension Data: @retroactive HeapSized {
///     public var heapBytes: Int { count <= 14 ? 0 : Allocation.bytes(count) + Allocation.bytes(64) }
/// }
/// ```
public protocol HeapSized: SendableMetatype {
    /// The bytes that this value holds on the heap, with what the allocator adds; those inside the value do not count.
    ///
    /// It must be the same whenever it is asked for while a cache holds the value, and is best computed in O(1).
    var heapBytes: Int { get }
}

/// What a piece of memory costs.
public enum Allocation {
    /// The bytes that the allocator takes for a piece of memory.
    ///
    /// - Parameter count: The size that is asked for, in bytes.
    /// - Returns: The size with the allocator's own part, rounded as it rounds; 0 for no memory at all.
    @inlinable
    public static func bytes(_ count: Int) -> Int {
        if count <= 0 { return 0 }
        // Large pieces are pages of their own.
        if count >= 131_072 { return (count &+ 16 &+ 4_095) & ~4_095 }
        return max(32, (count &+ 8 &+ 15) & ~15)
    }

    /// The bytes that the allocator takes for an object, such as the storage of an array.
    ///
    /// - Parameter count: The size of what the object holds, in bytes.
    /// - Returns: The size with the object's header and the allocator's part.
    @inlinable
    public static func bytes(ofObjectWith count: Int) -> Int { bytes(count &+ 16) }
}
