import Foundation

extension StoreLocation {
    /// What a caller does under the lock of the folder.
    enum Access {
        /// Opens the file that is there.
        case opening
        /// Creates the file, or puts another one in its place.
        case replacing
    }

    /// Keeps the file and its log together while they are opened, created or renamed, across all processes.
    ///
    /// SQLite finds the log by its name. A connection that is opened while the file and its log are renamed, one after
    /// the other, would pair the file with the log of another one.
    ///
    /// - Parameters:
    ///   - access: Replacing excludes everything else, openings go side by side.
    ///   - body: What to do.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws.
    func locked<Output, Failure: Error>(
        for access: Access,
        _ body: () throws(Failure) -> Output
    ) throws(Failure) -> Output {
        // The lock is the folder itself, so that no further file is left behind. A folder that cannot be locked, or
        // that a stopped process keeps locked, is used without: the lock only matters when a file is damaged or two
        // processes create it at the same moment.
        let descriptor = Foundation.open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return try body() }
        defer { Foundation.close(descriptor) }
        let kind = access == .replacing ? LOCK_EX : LOCK_SH
        var attempts = 0
        while flock(descriptor, kind | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR {
            attempts += 1
            guard attempts < Self.lockAttempts else { break }
            usleep(1_000)
        }
        return try body()
    }

    /// How often the lock is tried, a millisecond apart.
    private static let lockAttempts = 250
}
