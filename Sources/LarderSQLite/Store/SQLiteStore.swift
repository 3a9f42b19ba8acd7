import Foundation
public import Larder
public import Logging
import SQLite

/// A store in one SQLite file, which several processes of a machine may share.
///
/// Reads run on the calling thread and take microseconds. Writes go to one thread of the store, which commits
/// everything that waits in one transaction. See ``LarderSQLite`` for the layout of the file and for what happens
/// when the disk is full or the file is damaged.
///
/// ```swift
/// let store = try SQLiteStore(path: "/var/cache/notes/cache.sqlite")
/// try await store.setValue([1, 2, 3], forKey: StoreKey("note:7"), timeToLive: .seconds(60))
/// let stored = try await store.value(forKey: StoreKey("note:7"))
/// await store.shutdown()
/// ```
public final class SQLiteStore: Sendable {
    private let location: StoreLocation
    private let configuration: Configuration
    private let now: @Sendable () -> Int64
    private let readers: ReaderStack
    private let queue: WriteQueue<WriteOperation>
    private let tally = StoreTally()

    /// Opens the file, or creates it.
    ///
    /// - Parameters:
    ///   - path: The path of the file. Its folder must exist: a mistyped path should fail, not grow a tree. The
    ///     names of its companions begin with it: `-wal`, `-shm`, and `.corrupt-1` and so on for damaged files.
    ///   - configuration: The bounds of the store.
    ///   - logger: Where the store tells that it set a damaged file aside, or that its disk is full.
    /// - Throws: ``SQLiteStoreError`` if the configuration is out of range, if the file cannot be opened, or if it
    ///   belongs to another program. A damaged file is no error; it is set aside.
    public convenience init(
        path: String,
        configuration: Configuration = Configuration(),
        logger: Logger = .current
    ) throws {
        try self.init(path: path, configuration: configuration, logger: logger) {
            Int64(Date().timeIntervalSince1970 * 1_000)
        }
    }

    /// Opens the file with a clock of the caller.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - configuration: The bounds of the store.
    ///   - logger: Where the store tells what it met.
    ///   - now: The wall clock, in milliseconds since 1970, the same for all that share the file.
    /// - Throws: ``SQLiteStoreError``, as with the system's clock.
    package init(
        path: String,
        configuration: Configuration = Configuration(),
        logger: Logger,
        now: @escaping @Sendable () -> Int64
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        self.now = now
        location = try StoreLocation(path: path)
        readers = ReaderStack(location: location, configuration: configuration)
        queue = WriteQueue(
            maximumWrites: configuration.maximumQueuedWrites,
            maximumBytes: configuration.maximumQueuedBytes
        )
        do {
            try Writer(
                location: location,
                configuration: configuration,
                now: now,
                logger: logger,
                readers: readers,
                queue: queue,
                tally: tally
            )
            .start()
        } catch {
            throw SQLiteStoreError.describing(error, path: location.path)
        }
    }

    deinit {
        queue.close()
    }
}

// MARK: - Reading

extension SQLiteStore: RemoteStore {
    /// Always `true`: a read waits for no writer, a write waits in a bounded queue, and both wait for the lock of
    /// another process no longer than ``Configuration/busyTimeout``.
    public var boundsItsLatency: Bool { true }

    /// The limit of the configuration.
    public var maximumEntryBytes: Int { configuration.maximumValueBytes }

    /// Reads one entry on the calling thread, in about 5 microseconds.
    public func value(forKey key: StoreKey) async throws -> StoredValue? {
        let now = now()
        return try await read(now: now) { try $0.value(forKey: key, now: now) }
    }

    /// Reads several entries, as they were at one moment, on the calling thread.
    public func values(forKeys keys: [StoreKey]) async throws -> [StoredValue?] {
        guard !keys.isEmpty else { return [] }
        let now = now()
        return try await read(now: now) { try $0.values(forKeys: keys, now: now) }
    }

    /// Reads several entries and tombstones, as they were at one moment, on the calling thread.
    public func slots(forKeys keys: [StoreKey]) async throws -> [StoreSlot] {
        guard !keys.isEmpty else { return [] }
        let now = now()
        return try await read(now: now) { try $0.slots(forKeys: keys, now: now) }
    }

    /// Lists keys from an index, on the calling thread; a page costs the same wherever it lies.
    public func keys(withPrefix prefix: StoreKey, after key: StoreKey?, limit: Int) async throws -> [StoreKey] {
        let range = KeyRange(prefix: prefix, after: key)
        let now = now()
        return try await read(now: now) { try $0.keys(in: range, limit: max(limit, 0), now: now) }
    }

    /// What the store holds and has done.
    ///
    /// The counts of entries and bytes are read from the file, which takes a tenth of a millisecond per 100,000
    /// entries; if it cannot be read, they are those of the last time.
    public var statistics: Statistics {
        let now = now()
        if let size = try? readers.read(now: now, { try $0.size(now: now) }) {
            tally.update {
                $0.entries = size.entries
                $0.bytes = size.bytes
            }
        }
        var statistics = tally.current
        statistics.pendingWrites = queue.pendingWrites
        return statistics
    }

    /// Reads, and reads again if the file was damaged or replaced and the writer has seen to it.
    private func read<Output>(now: Int64, _ body: (Reader) throws -> Output) async throws -> Output {
        var repairsLeft = 2
        while true {
            do {
                return try readers.read(now: now, body)
            } catch let failure as ReaderStack.Failure {
                guard failure.error.callsForReopening, repairsLeft > 0 else {
                    throw SQLiteStoreError.describing(failure.error, path: location.path)
                }
                repairsLeft -= 1
                let isDamaged = failure.error.isCorruption
                _ = try await queue.perform(.reopen(generation: failure.generation, isDamaged: isDamaged))
            }
        }
    }
}

// MARK: - Writing

extension SQLiteStore {
    /// Writes one entry, together with all other writes that wait.
    public func setValue(_ bytes: [UInt8], forKey key: StoreKey, timeToLive: Duration) async throws {
        try await setValues([StoreWrite(key: key, bytes: bytes, timeToLive: timeToLive)])
    }

    /// Writes several entries in one transaction: all of them or none.
    public func setValues(_ writes: [StoreWrite]) async throws {
        guard !writes.isEmpty else { return }
        let now = now()
        let rows = try writes.map { try StoreRow($0, now: now, limit: configuration.entryLimit) }
        _ = try await queue.perform(.put(rows))
    }

    /// Compares and writes in one transaction, together with all other writes that wait.
    public func fill(_ fills: [StoreFill]) async throws -> [Bool] {
        guard !fills.isEmpty else { return [] }
        let now = now()
        let rows = try fills.map { fill in
            FillRow(row: try StoreRow(fill.write, now: now, limit: configuration.entryLimit), version: fill.version)
        }
        return try await queue.perform(.fill(rows)).isFilled
    }

    /// Buries the keys in one transaction: all of them or none.
    public func bury(_ keys: [StoreKey], for life: Duration) async throws {
        // A tombstone may stay too long, but must not end too early.
        let milliseconds = max(1, try StoreRow.milliseconds(ofLife: life, key: keys.first))
        guard !keys.isEmpty else { return }
        _ = try await queue.perform(.bury(keys, milliseconds: milliseconds))
    }

    /// Removes one entry, together with all other writes that wait.
    @discardableResult
    public func removeValue(forKey key: StoreKey) async throws -> Bool {
        try await removeValues(forKeys: [key]) > 0
    }

    /// Removes several entries in one transaction: all of them or none.
    @discardableResult
    public func removeValues(forKeys keys: [StoreKey]) async throws -> Int {
        guard !keys.isEmpty else { return 0 }
        return try await queue.perform(.remove(keys)).removal.live
    }

    /// Compares and removes in one transaction: all of the entries or none.
    @discardableResult
    public func remove(_ removals: [StoreRemoval]) async throws -> Int {
        guard !removals.isEmpty else { return 0 }
        return try await queue.perform(.removeVersions(removals)).removal.live
    }

    /// Removes entries by their prefix in transactions of 500, so that other writers get in between.
    @discardableResult
    public func removeAll(withPrefix prefix: StoreKey) async throws -> Int {
        let limit = 500
        let range = KeyRange(prefix: prefix)
        var live = 0
        while true {
            let removal = try await queue.perform(.removeSome(range, limit: limit)).removal
            live += removal.live
            if removal.rows < limit { return live }
        }
    }

    /// Does what waits, copies the log into the file, and closes it.
    ///
    /// Later calls throw.
    public func shutdown() async {
        await queue.closeAndWait()
    }
}

// MARK: - Maintenance

extension SQLiteStore {
    /// Removes all entries whose life has ended, which else happens in the background.
    ///
    /// - Returns: How many entries were removed.
    @discardableResult
    package func sweep() async throws -> Int {
        try await queue.perform(.sweep).removal.rows
    }

    /// Copies the log into the file, which else happens every few megabytes.
    package func checkpoint() async throws {
        _ = try await queue.perform(.checkpoint)
    }
}
