import Foundation
import SQLite

/// The idle connections for reading.
///
/// A read takes one, or opens another if all are busy, and puts it back; it never waits for another read. Reads do
/// not suspend, so that there are never more connections than threads.
final class ReaderStack: @unchecked Sendable {
    private struct State {
        var idle: [Reader] = []
        var generation = 0
        var isClosed = false

        /// Keeps a reader for the next read, if there is a use for it.
        mutating func keep(_ reader: Reader, limit: Int) {
            guard !isClosed, reader.generation == generation, idle.count < limit else { return }
            idle.append(reader)
        }
    }

    /// An error of SQLite, and the file it comes from.
    struct Failure: Error {
        let generation: Int
        let error: SQLiteError
    }

    private let location: StoreLocation
    private let configuration: SQLiteStore.Configuration

    // Sharing is safe because the state is only touched under the lock, and because a reader that was taken from
    // the stack is known to one thread alone until it is put back.
    private let lock = NSLock()
    private var state = State()

    init(location: StoreLocation, configuration: SQLiteStore.Configuration) {
        self.location = location
        self.configuration = configuration
    }

    /// Runs a closure with a reader.
    ///
    /// - Parameters:
    ///   - now: The time of the wall clock in milliseconds.
    ///   - body: What to do.
    /// - Returns: What `body` returns.
    /// - Throws: ``Failure`` for an error of SQLite; ``SQLiteStoreError`` if the stack is closed.
    func read<Output>(now: Int64, _ body: (Reader) throws -> Output) throws -> Output {
        let (idle, generation) = try take()
        do {
            let reader = try idle.flatMap { $0.isCurrent(now: now) ? $0 : nil } ?? open(generation)
            let output = try body(reader)
            putBack(reader)
            return output
        } catch let error as SQLiteError {
            // The reader is given up: whatever is wrong may be wrong with its connection.
            throw Failure(generation: generation, error: error)
        }
    }

    /// Gives up all readers, because the path leads to another file from now on.
    ///
    /// - Returns: The number of the new file.
    @discardableResult
    func advance() -> Int {
        // Connections are closed after the lock is released, when `abandoned` goes out of scope.
        var abandoned: [Reader] = []
        return lock.withLock {
            swap(&abandoned, &state.idle)
            state.generation += 1
            return state.generation
        }
    }

    /// Gives up all readers for good.
    func close() {
        var abandoned: [Reader] = []
        lock.withLock {
            swap(&abandoned, &state.idle)
            state.isClosed = true
        }
    }

    private func take() throws -> (reader: Reader?, generation: Int) {
        lock.lock()
        defer { lock.unlock() }
        guard !state.isClosed else { throw SQLiteStoreError.shutDown }
        return (state.idle.popLast(), state.generation)
    }

    private func open(_ generation: Int) throws(SQLiteError) -> Reader {
        try location.locked(for: .opening) { () throws(SQLiteError) in
            try Reader(path: location.path, generation: generation, configuration: configuration)
        }
    }

    private func putBack(_ reader: Reader) {
        lock.lock()
        defer { lock.unlock() }
        state.keep(reader, limit: configuration.maximumIdleReaders)
    }
}
