import Foundation

/// A note as a page shows it.
struct NoteView: Codable, Hashable, Sendable {
    let id: NoteID
    let title: String
    let tags: [String]
    let modified: Date
    /// The text as safe HTML, with its wiki links resolved.
    let html: String
    let backlinks: [NoteReference]

    /// Renders a note.
    ///
    /// - Parameters:
    ///   - note: The note.
    ///   - backlinks: The notes that link to it.
    ///   - destinations: Where its wiki links lead, by ``WikiLink/targetKey``.
    init(_ note: Note, backlinks: [NoteReference], destinations: [String: NoteID]) {
        id = note.id
        title = note.title
        tags = note.tags
        modified = note.modified
        self.backlinks = backlinks
        let renderer = MarkdownRenderer { link in
            guard !link.target.isEmpty else { return Self.path(of: note.id) }
            return destinations[link.targetKey].map(Self.path)
        }
        html = renderer.html(note.text)
    }

    /// The path of a note's page.
    static func path(of id: NoteID) -> String { "/notes/" + HTML.percentEncodedPath(id.rawValue) }
}
