extension Connection {
    /// Runs a closure in a transaction that may write.
    ///
    /// The lock of the writer is taken at the beginning, so that nothing within has to wait for it. An error rolls
    /// everything back.
    ///
    /// - Parameter body: What to do.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, or the ``SQLiteError`` of the beginning or the end.
    package func write<Output>(_ body: () throws -> Output) throws -> Output {
        try transaction("BEGIN IMMEDIATE", body)
    }

    /// Runs a closure that sees the database as it is now, whatever others write meanwhile.
    ///
    /// - Parameter body: What to do.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, or the ``SQLiteError`` of the beginning or the end.
    package func read<Output>(_ body: () throws -> Output) throws -> Output {
        try transaction("BEGIN", body)
    }

    private func transaction<Output>(_ beginning: String, _ body: () throws -> Output) throws -> Output {
        try execute(beginning)
        do {
            let output = try body()
            try execute("COMMIT")
            return output
        } catch {
            // After some errors SQLite has already rolled back by itself.
            if isInTransaction { try? execute("ROLLBACK") }
            throw error
        }
    }
}
