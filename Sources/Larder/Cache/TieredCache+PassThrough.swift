import Synchronization

extension TieredCache {
    /// Whether the cache is out of the way: reads ask the loader, memory stays empty, and nothing is put into the
    /// store.
    ///
    /// For the moment in which a cache is suspected to serve wrong data, or has to be measured against none. May be
    /// changed at any time. Loads of one key are still shared, and limits of the origin still hold. Writes and
    /// removals still remove the key from the store, so that what it holds is not wrong when the cache is switched
    /// back.
    public var isPassThrough: Bool {
        get { passThrough.load(ordering: .acquiring) }
        set {
            passThrough.store(newValue, ordering: .releasing)
            if newValue { memory.removeAll() }
        }
    }

    /// The options of a read, as far as the switch leaves them, and an invalidation of the key that is not delivered.
    func effective(_ options: ReadOptions, _ key: StoreKey) -> ReadOptions {
        isDenied(key) ? options.union([.skipMemory, .skipStore]) : effective(options)
    }

    /// The options of a read of several keys, as far as the switch leaves them.
    func effective(_ options: ReadOptions) -> ReadOptions {
        isPassThrough ? options.union([.skipMemory, .skipStore]) : options
    }
}
