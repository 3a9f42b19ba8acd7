extension SQLiteStore {
    /// What a store holds and has done.
    public struct Statistics: Hashable, Sendable {
        /// How many live entries the file holds, whoever wrote them.
        public internal(set) var entries = 0

        /// How many bytes the pages of the file take that hold something, whoever wrote them.
        public internal(set) var bytes = 0

        /// How many live entries this store removed to keep the size limit.
        public internal(set) var evictions = 0

        /// How many entries this store removed after their life had ended.
        public internal(set) var expirations = 0

        /// How many transactions this store has committed for writes and removals.
        public internal(set) var batches = 0

        /// How many writes and removals these transactions held; each element of a batch counts.
        public internal(set) var writes = 0

        /// How many writes and removals of this store have not been answered yet.
        public internal(set) var pendingWrites = 0

        /// How many damaged files this store has set aside.
        public internal(set) var filesSetAside = 0
    }
}
