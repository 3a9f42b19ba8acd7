import Foundation
import GRDB
import Synchronization

/// The origin: a SQLite database with the text of all notes, who links to whom, tags, and a full-text index.
///
/// It can be rebuilt from the folder at any time. Each read is a real query; ``queries`` counts them.
final class VaultIndex: Sendable {
    let pool: DatabasePool
    let tokenizer: SearchTokenizer
    let versions: Mutex<SearchVersions>
    /// Changes that are settled and still stand in the database among those that are not.
    let settled = Mutex<Set<Int64>>([])
    private let queryCount = Atomic<Int>(0)

    /// Opens the index, and makes it if there is none.
    static func open(path: String) throws -> VaultIndex {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA mmap_size = 268435456")
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        let versions = try pool.write(VaultSchema.prepare)
        return VaultIndex(pool: pool, tokenizer: try SearchTokenizer(), versions: versions)
    }

    private init(pool: DatabasePool, tokenizer: SearchTokenizer, versions: SearchVersions) {
        self.pool = pool
        self.tokenizer = tokenizer
        self.versions = Mutex(versions)
    }

    /// How many queries the index has answered for its callers since it was opened.
    var queries: Int { queryCount.load(ordering: .relaxed) }

    /// The version of a search, to be part of the key it is cached under.
    func version(of query: SearchQuery) -> Int64 {
        versions.withLock { $0.version(of: query) }
    }

    func countQuery() {
        queryCount.wrappingAdd(1, ordering: .relaxed)
    }
}

/// The tables of the index.
enum VaultSchema {
    /// Makes what is missing and reads when words were last touched.
    static func prepare(_ db: Database) throws -> SearchVersions {
        if try !db.tableExists("note") { try create(db) }
        let floor = try Int64.fetchOne(db, sql: "SELECT value FROM counter WHERE name = 'search_floor'") ?? 0
        var changes: [String: Int64] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT word, change FROM word_change")
        while let row = try rows.next() { changes[row[0]] = row[1] }
        return SearchVersions(floor: floor, changes: changes)
    }

    private static func create(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
                INSERT INTO counter VALUES ('change', 1), ('search_floor', 1);

                CREATE TABLE note (
                    number INTEGER PRIMARY KEY,
                    id TEXT NOT NULL UNIQUE,
                    id_key TEXT NOT NULL,
                    name_key TEXT NOT NULL,
                    title TEXT NOT NULL,
                    source TEXT NOT NULL,
                    modified INTEGER NOT NULL,
                    size INTEGER NOT NULL
                );
                CREATE INDEX note_id_key ON note (id_key);
                CREATE INDEX note_name_key ON note (name_key);

                CREATE TABLE link (
                    note INTEGER NOT NULL REFERENCES note ON DELETE CASCADE,
                    target_key TEXT NOT NULL,
                    PRIMARY KEY (note, target_key)
                ) WITHOUT ROWID;
                CREATE INDEX link_target ON link (target_key);

                CREATE TABLE tag (
                    note INTEGER NOT NULL REFERENCES note ON DELETE CASCADE,
                    name TEXT NOT NULL,
                    PRIMARY KEY (note, name)
                ) WITHOUT ROWID;
                CREATE INDEX tag_name ON tag (name);

                -- The number of the last change that touched a word; see SearchVersions.
                CREATE TABLE word_change (word TEXT PRIMARY KEY, change INTEGER NOT NULL) WITHOUT ROWID;

                -- Changes that the caches have not been told of yet; see VaultIndex.unsettledChanges.
                CREATE TABLE unsettled_change (number INTEGER PRIMARY KEY, content TEXT NOT NULL);
                """
        )
        try db.create(virtualTable: "note_text", using: FTS5()) { table in
            table.tokenizer = SearchTokenizer.descriptor
            table.column("title")
            table.column("body")
            table.column("tags")
        }
        // A word in the title weighs ten times, in a tag four times as much as in the text.
        try db.execute(sql: "INSERT INTO note_text (note_text, rank) VALUES ('rank', 'bm25(10.0, 1.0, 4.0)')")
        // Whatever a cache remembers belongs to an index that is no more.
        try VaultIndex.recordUnsettled(VaultChange(number: 1, scope: .everything, count: 0), db)
    }
}
