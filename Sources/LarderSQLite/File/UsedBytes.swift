import SQLite

/// Measures the pages of a file that hold something.
///
/// Free pages stay in the file and are written again.
struct UsedBytes {
    private let pageCount: Statement
    private let freePageCount: Statement
    private let pageSize: Int

    init(_ connection: Connection) throws(SQLiteError) {
        pageCount = try connection.prepare("PRAGMA page_count")
        freePageCount = try connection.prepare("PRAGMA freelist_count")
        pageSize = Int(try connection.integer("PRAGMA page_size"))
    }

    func callAsFunction() throws(SQLiteError) -> Int {
        (try pageCount.integer() - freePageCount.integer()) * pageSize
    }
}
