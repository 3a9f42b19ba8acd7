import SQLite

/// The bytes of the pages that hold something.
///
/// Free pages stay in the file and are written again.
enum UsedBytes {
    static let query = """
        SELECT (page_count - freelist_count) * page_size
        FROM pragma_page_count, pragma_freelist_count, pragma_page_size
        """

    static func read(_ statement: Statement) throws(SQLiteError) -> Int {
        defer { statement.reset() }
        return try statement.step() ? Int(statement.integer(at: 0)) : 0
    }
}
