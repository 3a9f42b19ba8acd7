/// What the file of a journal looks like inside.
enum JournalSchema {
    /// The number in the file's header that says whose file it is: "LarJ" in ASCII.
    static let applicationIdentifier: Int64 = 0x4C61_724A

    /// Grows with each change of the tables.
    ///
    /// A file of a newer version is left alone: it holds what nobody else has.
    static let version: Int64 = 1

    // The identifier of a record is its number, so that records lie in the file in the order in which they came.
    // A claim is the token and the number of tries, in 12 bytes whatever they are: noting it never takes room.
    // A new file begins where the minutes stand, so that the numbers of one that was lost do not come again.
    static func creation(identifier: UInt64, fence: UInt64) -> String {
        """
        CREATE TABLE journal (
            number INTEGER PRIMARY KEY CHECK (number = 1),
            identifier INTEGER NOT NULL,
            fence INTEGER NOT NULL,
            heartbeat INTEGER NOT NULL
        );
        CREATE TABLE pending (
            sequence INTEGER PRIMARY KEY,
            claim BLOB NOT NULL,
            key BLOB NOT NULL,
            body BLOB NOT NULL
        );
        CREATE TABLE dead_letter (
            number INTEGER PRIMARY KEY,
            attempts INTEGER NOT NULL,
            is_wanted INTEGER NOT NULL,
            key BLOB NOT NULL,
            reason TEXT NOT NULL,
            body BLOB NOT NULL
        );
        INSERT INTO journal VALUES (1, \(Int64(bitPattern: identifier)), \(fence), 0);
        PRAGMA application_id = \(applicationIdentifier);
        PRAGMA user_version = \(version);
        """
    }
}
