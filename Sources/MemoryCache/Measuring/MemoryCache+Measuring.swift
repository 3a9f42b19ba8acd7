extension MemoryCache {
    /// The weigher of a cache with a capacity in bytes: what an entry takes of the table and what it holds outside.
    ///
    /// `weigher` knows what a key and a value hold outside of themselves; without it they are asked.
    static func byteWeigher(_ weigher: Weigher?, isIdleTimed: Bool) throws(MemoryCacheError) -> Weigher {
        let own = Shard<Key, Value>.bytesPerEntry + (isIdleTimed ? Shard<Key, Value>.bytesPerIdleTime : 0)
        if let weigher { return { own &+ max(0, weigher($0, $1)) } }
        let ofKey = try measure(Key.self)
        let ofValue = try measure(Value.self)
        guard ofKey != nil || ofValue != nil else { return { _, _ in own } }
        return { own &+ (ofKey?($0) ?? 0) &+ (ofValue?($1) ?? 0) }
    }

    /// How to ask values of a type for the bytes that they hold; `nil` if they hold none.
    private static func measure<Measured>(
        _ type: Measured.Type
    ) throws(MemoryCacheError) -> (@Sendable (Measured) -> Int)? {
        if _isPOD(type) { return nil }
        if let type = type as? any HeapSized.Type { return measure(Measured.self, as: type) }
        throw MemoryCacheError(
            code: .unknownSize,
            message: """
                A capacity in bytes needs to know what a \(type) holds on the heap: make it conform to HeapSized, or give \
                a weigher.
                """
        )
    }

    private static func measure<Measured, Sized: HeapSized>(
        _: Measured.Type,
        as sized: Sized.Type
    ) -> @Sendable (Measured) -> Int {
        // The two are one type, of which the compiler knows different things.
        { unsafeBitCast($0, to: Sized.self).heapBytes }
    }
}

extension Shard {
    /// What an entry takes of the table: its node, its share of the index with what of that is free, and of the sketch.
    static var bytesPerEntry: Int {
        MemoryLayout<Slab<Key, Value>.Entry>.stride + MemoryLayout<NodeLinks>.stride
            + MemoryLayout<UInt8>.stride + MemoryLayout<Int>.stride + 6 + 9
    }

    /// What a deadline takes.
    static var bytesPerDeadline: Int { MemoryLayout<UInt64>.stride + MemoryLayout<TimerWheel.Links>.stride }

    /// What deadlines that are put off with each access take.
    static var bytesPerIdleTime: Int { bytesPerDeadline + MemoryLayout<UInt64>.stride }
}
