import Foundation
import GRDB

/// A note found by a search.
struct SearchHit: Codable, Hashable, Sendable {
    let id: NoteID
    let title: String
    /// The part of the text that matches, as HTML with the words found in `<mark>`.
    let snippet: String
}

extension VaultIndex {
    /// The most notes a search returns.
    static let maximumHits = 100

    /// The most backlinks that are listed.
    static let maximumBacklinks = 1_000

    /// A note by its id.
    ///
    /// One query.
    func note(_ id: NoteID) async throws -> Note? {
        countQuery()
        return try await pool.read { db in
            let statement = try db.cachedStatement(sql: "SELECT source, modified FROM note WHERE id = ?")
            return try Row.fetchOne(statement, arguments: [id.rawValue])
                .map { row in
                    NoteParser.parse(row[0], id: id, modified: Date(nanosecondsSince1970: row[1]))
                }
        }
    }

    /// The text of a note's file.
    ///
    /// One query.
    func source(of id: NoteID) async throws -> String? {
        countQuery()
        return try await pool.read { db in
            try String.fetchOne(db, sql: "SELECT source FROM note WHERE id = ?", arguments: [id.rawValue])
        }
    }

    /// The notes that contain all words of a search, best first.
    ///
    /// One query.
    func search(_ query: SearchQuery, limit: Int) async throws -> [SearchHit] {
        countQuery()
        return try await pool.read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT note.id, note.title, hit.snippet
                    FROM (
                        SELECT rowid AS number, rank, snippet(note_text, 1, char(2), char(3), '…', 24) AS snippet
                        FROM note_text WHERE note_text MATCH ? ORDER BY rank LIMIT ?
                    ) AS hit
                    JOIN note ON note.number = hit.number
                    ORDER BY hit.rank, hit.number
                    """
            )
            let limit = Swift.min(limit, Self.maximumHits)
            return try Row.fetchAll(statement, arguments: [query.pattern, limit])
                .compactMap { row in
                    NoteID(rawValue: row[0])
                        .map { id in
                            SearchHit(id: id, title: row[1], snippet: Self.marked(row[2]))
                        }
                }
        }
    }

    /// The notes that link to a note, by title.
    ///
    /// One query.
    func backlinks(of id: NoteID) async throws -> [NoteReference] {
        countQuery()
        return try await pool.read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT DISTINCT note.id, note.title
                    FROM link JOIN note ON note.number = link.note
                    WHERE (
                        link.target_key = :idKey AND (\(LinkResolution.winner(of: ":idKey"))) = :id
                        OR link.target_key = :nameKey AND (\(LinkResolution.winner(of: ":nameKey"))) = :id
                    ) AND note.id <> :id
                    ORDER BY note.title, note.id
                    LIMIT \(Self.maximumBacklinks)
                    """
            )
            let arguments: StatementArguments = [
                "id": id.rawValue, "idKey": LinkResolution.idKey(id), "nameKey": LinkResolution.nameKey(id),
            ]
            return try Row.fetchAll(statement, arguments: arguments).compactMap(Self.reference)
        }
    }

    /// Where the links of a note lead, by the key of their target; links to nothing are left out.
    ///
    /// One query.
    func destinations(of id: NoteID) async throws -> [String: NoteID] {
        countQuery()
        return try await pool.read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT link.target_key, (\(LinkResolution.winner(of: "link.target_key")))
                    FROM link JOIN note AS source ON source.number = link.note
                    WHERE source.id = ?
                    """
            )
            var destinations: [String: NoteID] = [:]
            for row in try Row.fetchAll(statement, arguments: [id.rawValue]) {
                let destination: String? = row[1]
                destinations[row[0]] = destination.flatMap(NoteID.init(rawValue:))
            }
            return destinations
        }
    }

    /// The notes that most others link to, most first.
    ///
    /// One query.
    func popular(limit: Int) async throws -> [NoteReference] {
        countQuery()
        return try await pool.read { db in
            let sql = """
                SELECT (\(LinkResolution.winner(of: "target.target_key"))) AS winner
                FROM (SELECT target_key, count(*) AS links FROM link GROUP BY target_key ORDER BY links DESC LIMIT ?)
                    AS target
                ORDER BY target.links DESC
                """
            let ids = try String?.fetchAll(db, sql: sql, arguments: [limit * 2]).compactMap(\.self)
            return try ids.removingDuplicates(by: \.self).prefix(limit)
                .compactMap { id in
                    let row = try Row.fetchOne(db, sql: "SELECT id, title FROM note WHERE id = ?", arguments: [id])
                    return row.flatMap(Self.reference)
                }
        }
    }

    /// All ids in order, and how many notes there are.
    ///
    /// Not counted: only the replay and the page ask.
    func allIDs() async throws -> [NoteID] {
        try await pool.read { db in
            try String.fetchAll(db, sql: "SELECT id FROM note ORDER BY id").compactMap(NoteID.init(rawValue:))
        }
    }

    private static func reference(_ row: Row) -> NoteReference? {
        NoteID(rawValue: row[0]).map { NoteReference(id: $0, title: row[1]) }
    }

    private static func marked(_ snippet: String) -> String {
        HTML.escape(snippet).replacing("\u{2}", with: "<mark>").replacing("\u{3}", with: "</mark>")
    }
}

/// Which note a wiki link means: the one with this id, else the one with this name that has the shortest path.
enum LinkResolution {
    static func idKey(_ id: NoteID) -> String { id.rawValue.lowercased() }
    static func nameKey(_ id: NoteID) -> String { id.name.lowercased() }

    /// A query for the id of the note that a key means.
    static func winner(of key: String) -> String {
        """
        SELECT coalesce(
            (SELECT id FROM note WHERE id_key = \(key) ORDER BY id LIMIT 1),
            (SELECT id FROM note WHERE name_key = \(key) ORDER BY length(id), id LIMIT 1)
        )
        """
    }
}

extension Date {
    init(nanosecondsSince1970 nanoseconds: Int64) {
        self.init(timeIntervalSince1970: Double(nanoseconds) / 1e9)
    }
}
