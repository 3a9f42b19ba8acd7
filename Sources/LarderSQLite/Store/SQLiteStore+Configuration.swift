extension SQLiteStore {
    /// The bounds of a store.
    public struct Configuration: Hashable, Sendable {
        /// How many bytes the live pages of the file may take, at least 64 KiB; 1 GiB unless set.
        ///
        /// Above it the entries that expire next make room. The write-ahead log comes on top, usually with 4 MiB.
        public var maximumBytes = 1 << 30

        /// How many bytes a key and its value may take together, at least 1; 16 MiB unless set.
        ///
        /// Half of ``maximumBytes`` is a limit too.
        public var maximumValueBytes = 16 << 20

        /// How many writes may wait for the writer, at least 1; 10,000 unless set.
        public var maximumQueuedWrites = 10_000

        /// How many bytes the waiting writes may hold, at least 1; 64 MiB unless set.
        ///
        /// A batch that is larger by itself is accepted when nothing else waits.
        public var maximumQueuedBytes = 64 << 20

        /// How long a call waits for the lock of another process, at most a minute; 250 milliseconds unless set.
        public var busyTimeout = Duration.milliseconds(250)

        /// How many bytes of pages each connection keeps in memory, at least 0; 8 MiB unless set.
        public var pageCacheBytes = 8 << 20

        /// How many connections for reading are kept open while nobody reads, at least 1; 8 unless set.
        public var maximumIdleReaders = 8

        /// How many pages the file may have before SQLite says that the disk is full.
        package var maximumPages: Int?

        /// How long the writer waits for writes before it looks after the file.
        package var maintenanceInterval = Duration.seconds(1)

        /// Makes a configuration of the default bounds.
        public init() {}
    }
}

extension SQLiteStore.Configuration {
    var entryLimit: Int { min(maximumValueBytes, maximumBytes / 2) }

    func validate() throws {
        try require(maximumBytes >= 64 << 10, "maximumBytes is \(maximumBytes); use at least 65,536.")
        try require(maximumValueBytes >= 1, "maximumValueBytes is \(maximumValueBytes); use at least 1.")
        try require(maximumQueuedWrites >= 1, "maximumQueuedWrites is \(maximumQueuedWrites); use at least 1.")
        try require(maximumQueuedBytes >= 1, "maximumQueuedBytes is \(maximumQueuedBytes); use at least 1.")
        try require(
            busyTimeout >= .zero && busyTimeout <= .seconds(60),
            "busyTimeout is \(busyTimeout); use a duration from zero to a minute."
        )
        try require(pageCacheBytes >= 0, "pageCacheBytes is \(pageCacheBytes); use at least 0.")
        try require(maximumIdleReaders >= 1, "maximumIdleReaders is \(maximumIdleReaders); use at least 1.")
    }

    private func require(_ condition: Bool, _ message: String) throws {
        guard condition else { throw SQLiteStoreError(.invalidConfiguration, message) }
    }
}
