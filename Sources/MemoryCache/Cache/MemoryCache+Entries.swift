extension MemoryCache {
    /// The live entries of a cache, copied bit by bit while it is in use.
    ///
    /// An entry that is held from the beginning to the end comes exactly once, with a value it had meanwhile; one
    /// that is stored or removed while this runs may come or not.
    public struct Entries: Sequence {
        let cache: MemoryCache

        /// Begins with the first entry.
        ///
        /// - Returns: The iterator.
        public func makeIterator() -> Iterator { Iterator(cache: cache) }

        /// Walks through the entries of a cache.
        public struct Iterator: IteratorProtocol {
            let cache: MemoryCache
            private var page: [Shard<Key, Value>.Copied] = []
            private var position = 0
            private var pageNumber = 0
            private var shard = 0

            init(cache: MemoryCache) { self.cache = cache }

            /// The next entry, in no particular order.
            ///
            /// - Returns: The key and the value, or `nil` at the end.
            /// - Complexity: O(1) on average; each 256 entries a shard is locked for some microseconds.
            public mutating func next() -> (key: Key, value: Value)? {
                while position == page.count {
                    guard shard < cache.shards.count else { return nil }
                    if let following = cache.page(pageNumber, ofShard: shard) {
                        page = following
                        position = 0
                        pageNumber += 1
                    } else {
                        shard += 1
                        pageNumber = 0
                    }
                }
                position += 1
                return (page[position - 1].key, page[position - 1].value)
            }
        }
    }

    /// The live entries, for a walk that does not stop others; it counts no hits.
    public var entries: Entries { Entries(cache: self) }

    /// The entries that were asked for most, as far as the cache remembers, the hottest first.
    ///
    /// - Parameter count: How many entries to return at most, at least 0.
    /// - Returns: The keys and values.
    /// - Complexity: O(entries + `count` log `count`), in steps that lock a shard for some microseconds each.
    public func hottest(_ count: Int) -> [(key: Key, value: Value)] {
        guard count > 0 else { return [] }
        var best: [Shard<Key, Value>.Copied] = []
        for number in 0..<shards.count {
            var pageNumber = 0
            while let page = page(pageNumber, ofShard: number) {
                best += page
                pageNumber += 1
                // Sorted once for each `count` new ones, so that each entry is compared a few times only.
                if best.count >= 2 * count + Shard<Key, Value>.pageSize { keepHottest(count, of: &best) }
            }
        }
        keepHottest(count, of: &best)
        return best.map { ($0.key, $0.value) }
    }

    private func keepHottest(_ count: Int, of copies: inout [Shard<Key, Value>.Copied]) {
        copies.sort { $0.heat > $1.heat }
        copies.removeLast(max(0, copies.count - count))
    }
}
