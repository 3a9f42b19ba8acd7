extension SQLiteWriteJournal {
    /// The bounds of a journal.
    public struct Configuration: Hashable, Sendable {
        /// How long an owner may show no life before another process takes the journal from it, from 100 milliseconds
        /// to an hour; 10 seconds unless set.
        ///
        /// An owner whose process has ended is followed at once.
        public var leaseDuration = Duration.seconds(10)

        /// How long ``SQLiteWriteJournal/open()`` waits for a journal that another process has, from zero to a day; 30
        /// seconds unless set.
        public var takeOverTimeout = Duration.seconds(30)

        /// How many dead letters are kept, at least 1; 100,000 unless set.
        ///
        /// Past it, writes that are to be given up stay pending until some dead letters are replayed or dropped.
        public var maximumDeadLetters = 100_000

        /// How many writes may wait to be committed, at least 1; 100,000 unless set.
        public var maximumQueuedWrites = 100_000

        /// How long a call waits for the lock of another process, at most a minute; 5 seconds unless set.
        public var busyTimeout = Duration.seconds(5)

        /// How many pages the file may have before SQLite says that the disk is full.
        package var maximumPages: Int?

        /// Makes a configuration of the default bounds.
        public init() {}
    }
}

extension SQLiteWriteJournal.Configuration {
    func validate() throws {
        try require(
            leaseDuration >= .milliseconds(100) && leaseDuration <= .seconds(3_600),
            "leaseDuration is \(leaseDuration); use a duration from 100 milliseconds to an hour."
        )
        try require(
            takeOverTimeout >= .zero && takeOverTimeout <= .seconds(86_400),
            "takeOverTimeout is \(takeOverTimeout); use a duration from zero to a day."
        )
        try require(maximumDeadLetters >= 1, "maximumDeadLetters is \(maximumDeadLetters); use at least 1.")
        try require(maximumQueuedWrites >= 1, "maximumQueuedWrites is \(maximumQueuedWrites); use at least 1.")
        try require(
            busyTimeout >= .zero && busyTimeout <= .seconds(60),
            "busyTimeout is \(busyTimeout); use a duration from zero to a minute."
        )
    }

    private func require(_ condition: Bool, _ message: String) throws {
        guard condition else { throw SQLiteStoreError(.invalidConfiguration, message) }
    }
}
