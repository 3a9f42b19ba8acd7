/// When each word was last touched by an edit.
///
/// A search asks for notes that contain **all** of its words. So an edit can change its result only if the
/// note, before or after the edit, contains all of them; such an edit moves each word's number up to its own,
/// and with them their minimum. The minimum is part of the key under which a search is cached: after an edit
/// that may touch it, a search has a new key, and what was cached under the old one is never asked for again.
///
/// The numbers are written in the same transaction as the edit, so neither a crash nor a restart parts them.
struct SearchVersions: Sendable {
    /// The most words to keep numbers for; beyond it all searches get a new version at once.
    static let capacity = 200_000

    /// The number of every word that has none of its own.
    private(set) var floor: Int64 = 0

    private var changes: [String: Int64] = [:]

    /// How many words have a number of their own.
    var count: Int { changes.count }

    init() {}

    init(floor: Int64, changes: [String: Int64]) {
        self.floor = floor
        self.changes = changes
    }

    /// The version of a search; it never falls.
    func version(of query: SearchQuery) -> Int64 {
        query.words.lazy.map { changes[$0] ?? floor }.min() ?? floor
    }

    /// Records an edit of a note that contained, or contains, some words.
    ///
    /// Edits may be recorded out of order: the highest number of a word counts.
    mutating func record(_ words: Set<String>, change: Int64) {
        for word in words { changes[word] = Swift.max(changes[word] ?? floor, change) }
    }

    /// Gives all searches a new version.
    mutating func recordAll(change: Int64) {
        guard change > floor else { return }
        floor = change
        changes = changes.filter { $0.value > change }
    }
}
