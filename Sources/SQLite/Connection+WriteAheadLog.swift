import CSQLite

/// How long the write-ahead log of a connection was after the connection's last commit.
///
/// It belongs to the thread that uses the connection.
package final class LogLength {
    /// The length in pages.
    package fileprivate(set) var pages = 0
}

extension Connection {
    /// Leaves it to others to copy the write-ahead log into the file, which SQLite would do at the end of a commit
    /// once the log is long, and says instead how long it is.
    ///
    /// - Returns: The length, which follows each commit. It has to live as long as the connection commits.
    package func measureWriteAheadLog() -> LogLength {
        let length = LogLength()
        // Not retained by the hook: the caller keeps it.
        let context = Unmanaged.passUnretained(length).toOpaque()
        sqlite3_wal_hook(
            handle,
            { context, _, _, pages in
                if let context {
                    Unmanaged<LogLength>.fromOpaque(context).takeUnretainedValue().pages = Int(pages)
                }
                return SQLITE_OK
            },
            context
        )
        return length
    }

    /// Keeps the `-wal` and `-shm` files when the last connection closes.
    ///
    /// SQLite deletes them by name, and by then the name may belong to another database.
    package func keepWriteAheadLog() {
        var isOn: Int32 = 1
        sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &isOn)
    }
}
