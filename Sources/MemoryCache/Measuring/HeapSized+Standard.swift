extension HeapSized where Self: BitwiseCopyable {
    /// Nothing: a value of plain bits holds no memory.
    @inlinable public var heapBytes: Int { 0 }
}

extension Bool: HeapSized {}
extension Double: HeapSized {}
extension Float: HeapSized {}
extension Int: HeapSized {}
extension Int8: HeapSized {}
extension Int16: HeapSized {}
extension Int32: HeapSized {}
extension Int64: HeapSized {}
extension UInt: HeapSized {}
extension UInt8: HeapSized {}
extension UInt16: HeapSized {}
extension UInt32: HeapSized {}
extension UInt64: HeapSized {}

extension String: HeapSized {
    /// The storage of the characters; nothing for up to 15 bytes of UTF-8, which lie in the string itself.
    @inlinable
    public var heapBytes: Int {
        let count = utf8.count
        return count <= 15 ? 0 : Allocation.bytes(count &+ 33)
    }
}

extension Array: HeapSized where Element: HeapSized {
    /// The storage of the elements, and what these hold.
    ///
    /// - Complexity: O(1) for elements of plain bits, else O(elements).
    @inlinable
    public var heapBytes: Int {
        if capacity == 0 { return 0 }
        let own = Allocation.bytes(ofObjectWith: 16 &+ capacity &* MemoryLayout<Element>.stride)
        return _isPOD(Element.self) ? own : reduce(own) { $0 &+ $1.heapBytes }
    }
}

extension Dictionary: HeapSized where Key: HeapSized, Value: HeapSized {
    /// The table, and what keys and values hold.
    ///
    /// - Complexity: O(1) for keys and values of plain bits, else O(entries).
    @inlinable
    public var heapBytes: Int {
        if capacity == 0 { return 0 }
        // At most three quarters of the table, whose size is a power of two, are in use.
        let slots = 1 &<< (Int.bitWidth &- (capacity &* 4 / 3).leadingZeroBitCount)
        let own = Allocation.bytes(
            ofObjectWith: 48 &+ slots / 8 &+ slots &* (MemoryLayout<Key>.stride &+ MemoryLayout<Value>.stride)
        )
        if _isPOD(Key.self), _isPOD(Value.self) { return own }
        return reduce(own) { $0 &+ $1.key.heapBytes &+ $1.value.heapBytes }
    }
}

extension Optional: HeapSized where Wrapped: HeapSized {
    /// What the wrapped value holds.
    @inlinable public var heapBytes: Int { self?.heapBytes ?? 0 }
}
