import Foundation

/// What the replay asks for: the same requests for the same seed and vault.
///
/// Notes and searches are drawn by popularity: the most popular one is read about twice as often as the second,
/// three times as often as the third, and so on (Zipf, exponent 1). Of 100 requests about 45 are pages, 25
/// notes, 16 searches, 10 backlinks, 1 asks for a note that does not exist, and 3 are edits.
struct Workload: Sendable {
    /// One request.
    enum Operation: Hashable, Sendable {
        case view(NoteID)
        case note(NoteID)
        case backlinks(NoteID)
        case search(String)
        case missing(Int)
        case edit(NoteID)
    }

    let operations: [Operation]

    /// The texts of the notes that are edited, without the line that an edit leaves.
    private let sources: [NoteID: EditableSource]

    /// Draws the requests.
    ///
    /// - Parameters:
    ///   - vault: The vault to ask for; it must hold a note.
    ///   - count: How many requests to draw.
    ///   - seed: What all random choices follow from.
    ///   - edits: Whether some of the requests edit notes. If not, they read them.
    /// - Throws: ``VaultError`` if the vault is empty, or the error of the index.
    init(vault: Vault, count: Int, seed: UInt64, edits: Bool) async throws {
        var generator = SeededGenerator(seed: seed)
        let ids = try await vault.index.allIDs()
        guard !ids.isEmpty else {
            throw VaultError(.replay, "The vault holds no notes, so there is nothing to replay. Add a .md file.")
        }
        let popular = ids.shuffled(using: &generator)
        let popularity = ZipfDistribution(count: popular.count, exponent: 1)
        let searches = Self.searches(of: popular, &generator)
        let searchPopularity = ZipfDistribution(count: searches.count, exponent: 1)
        operations = (0..<count)
            .map { _ in
                let id = popular[popularity.rank(using: &generator)]
                switch generator.index(below: 100) {
                case ..<45: return .view(id)
                case ..<70: return .note(id)
                case ..<86: return .search(searches[searchPopularity.rank(using: &generator)])
                case ..<96: return .backlinks(id)
                case ..<97: return .missing(generator.index(below: 50))
                default: return edits ? .edit(id) : .note(id)
                }
            }
        var sources: [NoteID: EditableSource] = [:]
        for case .edit(let id) in operations where sources[id] == nil {
            sources[id] = EditableSource(try vault.folder.source(of: id) ?? "")
        }
        self.sources = sources
    }

    /// The text of a note after so many edits of this run: what it was, and a last line that says how many.
    ///
    /// The line replaces the one of the edit before, so that the notes stay as they are however often they are
    /// replayed.
    func source(of id: NoteID, afterEdits count: Int) -> String {
        sources[id]?.edited(count) ?? ""
    }

    /// One or two words of the titles of popular notes, as people search for what they half remember.
    private static func searches(of popular: [NoteID], _ generator: inout SeededGenerator) -> [String] {
        var searches: [String] = []
        for id in popular.prefix(2_000) {
            let words = id.name.split { !$0.isLetter }.filter { $0.count > 3 }.map { $0.lowercased() }
            guard let first = words.first, let last = words.last else { continue }
            searches.append(words.count > 1 && generator.chance(0.7) ? "\(first) \(last)" : generator.pick(words))
        }
        return searches.isEmpty ? ["note"] : Array(searches.removingDuplicates(by: \.self).prefix(600))
    }
}

/// The text of a note apart from the line that an edit leaves at its end.
private struct EditableSource: Sendable {
    private var text: String
    private var edits: Int

    private static let mark = "Edited by the replay, times: "

    init(_ source: String) {
        text = source
        edits = 0
        let lines = source.split(separator: "\n")
        guard let last = lines.last, last.hasPrefix(Self.mark), let count = Int(last.dropFirst(Self.mark.count)) else {
            if !source.hasSuffix("\n") { text += "\n" }
            return
        }
        text = String(source[..<last.startIndex])
        edits = count
    }

    func edited(_ count: Int) -> String {
        (edits == 0 ? text + "\n" : text) + "\(Self.mark)\(edits + count)\n"
    }
}
