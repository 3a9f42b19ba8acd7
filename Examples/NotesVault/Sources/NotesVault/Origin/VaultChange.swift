/// What an edit touched: everything that a cache may hold and that is now old.
///
/// Searches are not listed: their keys carry a version that the edit moved on (see ``SearchVersions``).
struct VaultChange: Codable, Hashable, Sendable {
    enum Scope: Codable, Hashable, Sendable {
        /// Notes whose text changed, came or went; and notes whose backlinks or rendered links did.
        case notes(changed: Set<NoteID>, neighbors: Set<NoteID>)
        /// More than is worth listing.
        case everything
    }

    /// The place of the change among all changes, from 1.
    let number: Int64

    let scope: Scope

    /// How many notes changed.
    let count: Int
}

/// A change of the index to come.
enum VaultEdit: Sendable {
    case put(NoteID, source: String, stamp: VaultFolder.Stamp)
    case remove(NoteID)

    var id: NoteID {
        switch self {
        case .put(let id, _, _): id
        case .remove(let id): id
        }
    }
}
