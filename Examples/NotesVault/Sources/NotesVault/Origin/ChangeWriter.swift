import Foundation
import GRDB

/// Writes edits into the tables and finds out what they touch.
///
/// Lives inside one transaction.
struct ChangeWriter {
    /// What came of a change.
    struct Outcome: Sendable {
        var change: VaultChange
        /// The words that the notes contained or contain, or `nil` if all searches are to be forgotten.
        var words: Set<String>?
    }

    private let db: Database
    private let followsWords: Bool
    private var changed: Set<NoteID> = []
    private var neighbors: Set<NoteID> = []
    private var words: Set<String> = []

    init(_ db: Database, followsWords: Bool) {
        self.db = db
        self.followsWords = followsWords
    }

    /// Writes the edits, the number of the change, and the change itself among the unsettled ones.
    mutating func write(_ edits: [VaultEdit]) throws -> Outcome {
        try db.execute(sql: "UPDATE counter SET value = value + 1 WHERE name = 'change'")
        let number = try Int64.fetchOne(db, sql: "SELECT value FROM counter WHERE name = 'change'") ?? 0
        let isFollowed = followsWords && edits.count <= VaultIndex.maximumFollowedEdits
        for edit in edits { try write(edit, isFollowed: isFollowed) }
        let change = VaultChange(
            number: number,
            scope: isFollowed ? .notes(changed: changed, neighbors: neighbors) : .everything,
            count: edits.count
        )
        try VaultIndex.recordUnsettled(change, db)
        if isFollowed {
            try recordWords(number)
        } else {
            try db.execute(sql: "DELETE FROM word_change")
            try db.execute(sql: "UPDATE counter SET value = ? WHERE name = 'search_floor'", arguments: [number])
        }
        return Outcome(change: change, words: isFollowed ? words : nil)
    }

    private mutating func write(_ edit: VaultEdit, isFollowed: Bool) throws {
        let id = edit.id
        let row = try db.cachedStatement(sql: "SELECT number FROM note WHERE id = ?")
        let number = try Int64.fetchOne(row, arguments: [id.rawValue])
        if isFollowed {
            changed.insert(id)
            if let number { try follow(number, id: id, comesOrGoes: edit.isRemoval) }
        }
        switch edit {
        case .remove:
            if let number { try remove(number) }
            if isFollowed { try followNames(of: id) }
        case .put(_, let source, let stamp):
            let note = NoteParser.parse(source, id: id, modified: Date(nanosecondsSince1970: stamp.modified))
            let number = try put(note, number: number, source: source, stamp: stamp)
            if isFollowed { try follow(number.now, id: id, comesOrGoes: number.isNew) }
        }
    }

    // MARK: What an edit touches

    /// Adds what a note touches as it stands: its words, the notes it links to, and, if it comes or goes,
    /// the notes that its coming or going may turn links to or from.
    private mutating func follow(_ number: Int64, id: NoteID, comesOrGoes: Bool) throws {
        let texts = try Row.fetchOne(
            db,
            sql: "SELECT title, body, tags FROM note_text WHERE rowid = ?",
            arguments: [number]
        )
        if let texts { words.formUnion(try SearchTokenizer.words(of: [texts[0], texts[1], texts[2]], db)) }
        let targets = try db.cachedStatement(
            sql: "SELECT (\(LinkResolution.winner(of: "link.target_key"))) FROM link WHERE link.note = ?"
        )
        for target in try String?.fetchAll(targets, arguments: [number]) {
            if let id = target.flatMap(NoteID.init(rawValue:)) { neighbors.insert(id) }
        }
        if comesOrGoes { try followNames(of: id) }
    }

    /// Adds the notes that a link to this id or name may mean, and those that have such a link.
    private mutating func followNames(of id: NoteID) throws {
        let sql = """
            SELECT id FROM note WHERE id_key IN (:idKey, :nameKey) OR name_key IN (:idKey, :nameKey)
            UNION
            SELECT note.id FROM link JOIN note ON note.number = link.note WHERE link.target_key IN (:idKey, :nameKey)
            """
        let arguments: StatementArguments = [
            "idKey": LinkResolution.idKey(id), "nameKey": LinkResolution.nameKey(id),
        ]
        for text in try String.fetchAll(db.cachedStatement(sql: sql), arguments: arguments) {
            if let id = NoteID(rawValue: text) { neighbors.insert(id) }
        }
    }

    private func recordWords(_ change: Int64) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT INTO word_change VALUES (?, ?) ON CONFLICT (word) DO UPDATE SET change = excluded.change"
        )
        for word in words { try statement.execute(arguments: [word, change]) }
    }

    // MARK: Tables

    private func put(
        _ note: Note,
        number: Int64?,
        source: String,
        stamp: VaultFolder.Stamp
    ) throws -> (now: Int64, isNew: Bool) {
        let upsert = try db.cachedStatement(
            sql: """
                INSERT INTO note (id, id_key, name_key, title, source, modified, size) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET title = excluded.title, source = excluded.source,
                    modified = excluded.modified, size = excluded.size
                """
        )
        try upsert.execute(arguments: [
            note.id.rawValue, LinkResolution.idKey(note.id), LinkResolution.nameKey(note.id), note.title, source,
            stamp.modified, stamp.size,
        ])
        let now = number ?? db.lastInsertedRowID
        if number != nil { try removeParts(now) }
        let link = try db.cachedStatement(sql: "INSERT INTO link VALUES (?, ?)")
        for target in note.links { try link.execute(arguments: [now, target.targetKey]) }
        let tag = try db.cachedStatement(sql: "INSERT INTO tag VALUES (?, ?)")
        for name in note.tags { try tag.execute(arguments: [now, name]) }
        try db.cachedStatement(sql: "INSERT INTO note_text (rowid, title, body, tags) VALUES (?, ?, ?, ?)")
            .execute(arguments: [now, note.title, PlainText.of(note.text), note.tags.joined(separator: " ")])
        return (now, number == nil)
    }

    private func remove(_ number: Int64) throws {
        try removeParts(number)
        try db.cachedStatement(sql: "DELETE FROM note WHERE number = ?").execute(arguments: [number])
    }

    private func removeParts(_ number: Int64) throws {
        for table in ["link WHERE note", "tag WHERE note", "note_text WHERE rowid"] {
            try db.cachedStatement(sql: "DELETE FROM \(table) = ?").execute(arguments: [number])
        }
    }
}

extension VaultEdit {
    fileprivate var isRemoval: Bool {
        switch self {
        case .put: false
        case .remove: true
        }
    }
}
