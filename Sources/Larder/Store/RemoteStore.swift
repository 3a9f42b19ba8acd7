/// The second tier (L2): a shared or embedded store of bytes under keys, each with a time to live.
///
/// A store knows nothing of values, policies or staleness; what it holds are envelopes whose meaning the
/// cache keeps to itself. Any type that passes `RemoteStoreConformance` of the `LarderTesting` product may
/// serve as a store.
///
/// ## What a store promises
///
/// - **Relative expiry.** A time to live is a duration from the moment of the write, against the store's own
///   clock; reads answer with the life that remains. An entry whose life has ended is never returned.
/// - **Last write wins.** Once a write has returned, every later read, on this or another connection or
///   process, sees it or a newer write.
/// - **Batches keep order.** ``values(forKeys:)`` answers one element for each key, in the order of the keys;
///   within ``setValues(_:)`` a later write of the same key wins.
/// - **Compare and set.** What a key holds has a version. A ``fill(_:)`` compares and writes in one step, so that of
///   several fills over one version at most one is written, and none over a later write or a tombstone.
/// - **Tombstones outlive removals.** A tombstone is gone when its life has ended or a write has replaced it; removals
///   of any kind leave it where it is. A store that is out of room gives up entries before it gives up a tombstone.
/// - **Errors are thrown, never hidden.** An operation that throws may or may not have taken effect. The cache
///   turns errors into misses, counts them, and goes on.
/// - **Calls may come from any thread at once.**
public protocol RemoteStore: Sendable {
    /// Whether every call returns within a short, finite time by the store's own doing.
    ///
    /// The cache races the calls of a store that says `false` against ``CacheSystem/Configuration/storeTimeout``,
    /// which costs two tasks per call.
    var boundsItsLatency: Bool { get }

    /// The largest entry that the store takes, in bytes of key and value together.
    ///
    /// The cache keeps larger ones in memory alone.
    var maximumEntryBytes: Int { get }

    /// What other programs do to the entries, so that memory does not keep what they have changed; `nil` if the store does
    /// not tell, and none are expected.
    ///
    /// It is read once, by the system of caches over the store. What comes through the store itself need not be told.
    var foreignChanges: AsyncStream<StoreChange>? { get }

    /// Reads one entry.
    ///
    /// - Parameter key: The key of the entry.
    /// - Returns: The bytes and the life they have left, or `nil` if there is no live entry.
    /// - Throws: Whatever kept the store from answering.
    func value(forKey key: StoreKey) async throws -> StoredValue?

    /// Reads several entries in one round trip.
    ///
    /// - Parameter keys: The keys of the entries; repetitions are allowed.
    /// - Returns: One element for each key, in the order of `keys`.
    /// - Throws: Whatever kept the store from answering.
    func values(forKeys keys: [StoreKey]) async throws -> [StoredValue?]

    /// Reads several keys in one round trip, with the versions that a fill needs.
    ///
    /// - Parameter keys: The keys; repetitions are allowed.
    /// - Returns: One element for each key, in the order of `keys`.
    /// - Throws: Whatever kept the store from answering.
    func slots(forKeys keys: [StoreKey]) async throws -> [StoreSlot]

    /// Writes one entry, replacing what the key held, be it a tombstone.
    ///
    /// - Parameters:
    ///   - bytes: The bytes to store.
    ///   - key: The key of the entry.
    ///   - timeToLive: How long the entry may be read, more than zero.
    /// - Throws: Whatever kept the store from writing; a time to live of zero or less is refused.
    func setValue(_ bytes: [UInt8], forKey key: StoreKey, timeToLive: Duration) async throws

    /// Writes several entries in one round trip.
    ///
    /// - Parameter writes: The entries to write, in order.
    /// - Throws: Whatever kept the store from writing. Some of the entries may have been written. A time to live of
    ///   zero or less is refused.
    func setValues(_ writes: [StoreWrite]) async throws

    /// Writes entries in one round trip, each only if its key holds nothing or still has the version that the fill
    /// names.
    ///
    /// A key that is vacant takes any fill: the entry that was read when the load began may have reached its end
    /// meanwhile. What must keep a fill out leaves something in its place, a newer entry or a tombstone.
    ///
    /// Comparing and writing are one step for each key; the fills of a batch are independent of each other, and are
    /// made in their order.
    ///
    /// - Parameter fills: The entries to write, in order.
    /// - Returns: For each fill, in their order, whether it was written.
    /// - Throws: Whatever kept the store from writing. Some of the entries may have been written. A time to live of
    ///   zero or less is refused.
    func fill(_ fills: [StoreFill]) async throws -> [Bool]

    /// Replaces what some keys hold by tombstones with new versions, in one round trip.
    ///
    /// Reads and lists pass over a tombstone. Until its life has ended it keeps out each fill that was begun before
    /// it, also where the key held nothing; the life is therefore longer than any load that may still be stored.
    ///
    /// - Parameters:
    ///   - keys: The keys to bury; repetitions are allowed.
    ///   - life: How long the tombstones stay, more than zero.
    /// - Throws: Whatever kept the store from writing. Some of the keys may have been buried. A life of zero or less
    ///   is refused.
    func bury(_ keys: [StoreKey], for life: Duration) async throws

    /// Removes one entry.
    ///
    /// - Parameter key: The key of the entry.
    /// - Returns: Whether there was a live entry to remove.
    /// - Throws: Whatever kept the store from removing.
    @discardableResult
    func removeValue(forKey key: StoreKey) async throws -> Bool

    /// Removes several entries in one round trip.
    ///
    /// - Parameter keys: The keys of the entries; repetitions are allowed.
    /// - Returns: How many live entries were removed.
    /// - Throws: Whatever kept the store from removing. Some of the entries may have been removed.
    @discardableResult
    func removeValues(forKeys keys: [StoreKey]) async throws -> Int

    /// Removes entries in one round trip, each only if its key still has the version that the removal names.
    ///
    /// Comparing and removing are one step for each key, so that what was written since the key was read stays, and so
    /// does a tombstone.
    ///
    /// - Parameter removals: The entries to remove.
    /// - Returns: How many live entries were removed.
    /// - Throws: Whatever kept the store from removing. Some of the entries may have been removed.
    @discardableResult
    func remove(_ removals: [StoreRemoval]) async throws -> Int

    /// Lists live keys that start with a prefix, a page at a time, in ascending order of their bytes.
    ///
    /// Keys that are written or removed while the pages are read may or may not appear; all others appear
    /// exactly once.
    ///
    /// - Parameters:
    ///   - prefix: The bytes that the keys start with; the empty prefix lists all.
    ///   - key: The last key of the page before, or `nil` for the first page.
    ///   - limit: The largest number of keys to return, at least 1.
    /// - Returns: The keys that come next; fewer than `limit` of them means the end.
    /// - Throws: Whatever kept the store from answering.
    func keys(withPrefix prefix: StoreKey, after key: StoreKey?, limit: Int) async throws -> [StoreKey]

    /// Removes all entries whose keys start with a prefix.
    ///
    /// A fill that is under way meanwhile may still be written: who clears a namespace
    /// because its values are no longer true has to tell such entries by the time their load began.
    ///
    /// - Parameter prefix: The bytes that the keys start with; the empty prefix removes all.
    /// - Returns: How many live entries were removed.
    /// - Throws: Whatever kept the store from removing. Some of the entries may have been removed.
    @discardableResult
    func removeAll(withPrefix prefix: StoreKey) async throws -> Int

    /// Finishes what was begun and gives back files and connections.
    ///
    /// Later calls throw; to shut down again does nothing.
    func shutdown() async
}

extension RemoteStore {
    /// A store does not bound its latency unless it says so.
    public var boundsItsLatency: Bool { false }

    /// A store does not tell of other programs unless it says so.
    public var foreignChanges: AsyncStream<StoreChange>? { nil }

    /// A store takes entries of any size unless it says so.
    public var maximumEntryBytes: Int { .max }

    /// Reads the slots and leaves out their versions.
    public func values(forKeys keys: [StoreKey]) async throws -> [StoredValue?] {
        try await slots(forKeys: keys).map(\.value)
    }

    /// Reads the keys as a batch of one.
    public func value(forKey key: StoreKey) async throws -> StoredValue? {
        try await values(forKeys: [key]).first ?? nil
    }

    /// Writes the entry as a batch of one.
    public func setValue(_ bytes: [UInt8], forKey key: StoreKey, timeToLive: Duration) async throws {
        try await setValues([StoreWrite(key: key, bytes: bytes, timeToLive: timeToLive)])
    }

    /// Removes the key as a batch of one.
    @discardableResult
    public func removeValue(forKey key: StoreKey) async throws -> Bool {
        try await removeValues(forKeys: [key]) > 0
    }

    /// Lists the keys page by page and removes each page.
    @discardableResult
    public func removeAll(withPrefix prefix: StoreKey) async throws -> Int {
        let page = 1_000
        var removed = 0
        var last: StoreKey?
        while true {
            let keys = try await self.keys(withPrefix: prefix, after: last, limit: page)
            guard let end = keys.last else { return removed }
            removed += try await removeValues(forKeys: keys)
            if keys.count < page { return removed }
            last = end
        }
    }

    /// Holds nothing to give back.
    public func shutdown() async {}
}

/// What a store answers to a read.
public struct StoredValue: Hashable, Sendable {
    /// The bytes as they were written.
    public var bytes: [UInt8]

    /// How much of the entry's time to live is left; more than zero.
    public var remainingLife: Duration

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - bytes: The bytes as they were written.
    ///   - remainingLife: How much of the entry's time to live is left.
    public init(bytes: [UInt8], remainingLife: Duration) {
        self.bytes = bytes
        self.remainingLife = remainingLife
    }
}

/// One write of a batch.
public struct StoreWrite: Hashable, Sendable {
    /// The key of the entry.
    public var key: StoreKey

    /// The bytes to store.
    public var bytes: [UInt8]

    /// How long the entry may be read, more than zero.
    public var timeToLive: Duration

    /// Makes a write.
    ///
    /// - Parameters:
    ///   - key: The key of the entry.
    ///   - bytes: The bytes to store.
    ///   - timeToLive: How long the entry may be read, more than zero.
    public init(key: StoreKey, bytes: [UInt8], timeToLive: Duration) {
        self.key = key
        self.bytes = bytes
        self.timeToLive = timeToLive
    }
}
