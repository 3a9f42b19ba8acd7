import Foundation
import GRDB
import Synchronization

extension VaultIndex {
    /// The most edits of one change that are followed one by one; a larger change touches everything.
    static let maximumFollowedEdits = 500

    /// Runs edits as one change: either all of them are in the index when this returns, or none.
    ///
    /// - Parameter edits: Makes the edits inside the transaction, which no other change can enter.
    /// - Returns: What the edits touched, or `nil` if there were none. Until ``settle(_:)`` is called the change
    ///   is kept among ``unsettledChanges()``.
    /// - Throws: What `edits` throws, or the error of the database; nothing has changed then.
    func change(_ edits: @escaping @Sendable (Database) throws -> [VaultEdit]) async throws -> VaultChange? {
        let wordCount = versions.withLock(\.count)
        let done = settled.withLock { $0 }
        let outcome = try await pool.write { db -> ChangeWriter.Outcome? in
            let edits = try edits(db)
            guard !edits.isEmpty else { return nil }
            try Self.forgetSettled(done, db)
            var writer = ChangeWriter(db, followsWords: wordCount < SearchVersions.capacity)
            return try writer.write(edits)
        }
        guard let outcome else { return nil }
        settled.withLock { $0.subtract(done) }
        countQuery()
        // Only now: a search that runs before the transaction is through must be cached under the old version.
        versions.withLock { versions in
            if let words = outcome.words {
                versions.record(words, change: outcome.change.number)
            } else {
                versions.recordAll(change: outcome.change.number)
            }
        }
        return outcome.change
    }

    /// The changes that the caches have not been told of yet, oldest first.
    ///
    /// A change is entered here by the transaction that makes it and leaves when ``settle(_:)`` says that no
    /// cache holds anything older. What a crash leaves here is told to the caches at the next start.
    func unsettledChanges() async throws -> [VaultChange] {
        try await pool.read { db in
            try String.fetchAll(db, sql: "SELECT content FROM unsettled_change ORDER BY number")
                .map { try JSONDecoder().decode(VaultChange.self, from: Data($0.utf8)) }
        }
    }

    /// Notes that no cache holds anything older than a change.
    ///
    /// This leaves the database with the transaction of the next change, so that an edit costs one and not two,
    /// or with ``writeSettled()``. What a crash keeps from leaving is removed from the caches once more.
    func settle(_ change: VaultChange) {
        settled.withLock { _ = $0.insert(change.number) }
    }

    /// Writes down at once what is settled.
    func writeSettled() async throws {
        let done = settled.withLock { $0 }
        guard !done.isEmpty else { return }
        try await pool.write { db in try Self.forgetSettled(done, db) }
        settled.withLock { $0.subtract(done) }
    }

    private static func forgetSettled(_ numbers: Set<Int64>, _ db: Database) throws {
        let statement = try db.cachedStatement(sql: "DELETE FROM unsettled_change WHERE number = ?")
        for number in numbers { try statement.execute(arguments: [number]) }
    }

    /// How the files of the notes looked when they were read.
    func stamps() async throws -> [NoteID: VaultFolder.Stamp] {
        try await pool.read { db in
            var stamps: [NoteID: VaultFolder.Stamp] = [:]
            let rows = try Row.fetchCursor(db, sql: "SELECT id, modified, size FROM note")
            while let row = try rows.next() {
                guard let id = NoteID(rawValue: row[0]) else { continue }
                stamps[id] = VaultFolder.Stamp(modified: row[1], size: row[2])
            }
            return stamps
        }
    }

    /// How the files of some notes looked when they were read.
    func stamps(of ids: Set<NoteID>) async throws -> [NoteID: VaultFolder.Stamp] {
        try await pool.read { db in
            var stamps: [NoteID: VaultFolder.Stamp] = [:]
            for id in ids { stamps[id] = try Self.stamp(of: id, db) }
            return stamps
        }
    }

    /// How the file of a note looked when it was read.
    static func stamp(of id: NoteID, _ db: Database) throws -> VaultFolder.Stamp? {
        let statement = try db.cachedStatement(sql: "SELECT modified, size FROM note WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id.rawValue])
            .map {
                VaultFolder.Stamp(modified: $0[0], size: $0[1])
            }
    }

    static func recordUnsettled(_ change: VaultChange, _ db: Database) throws {
        let content = String(decoding: try JSONEncoder().encode(change), as: UTF8.self)
        try db.execute(sql: "INSERT INTO unsettled_change VALUES (?, ?)", arguments: [change.number, content])
    }
}
