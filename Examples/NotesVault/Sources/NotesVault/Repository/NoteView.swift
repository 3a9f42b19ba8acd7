import Foundation

/// A note as its page shows it.
struct NoteView: Codable, Hashable, Sendable {
    let id: NoteID
    let title: String

    /// The rendered note and the list of the notes that link to it, as safe HTML.
    let html: String

    /// Renders a note.
    ///
    /// - Parameters:
    ///   - note: The note.
    ///   - backlinks: The notes that link to it.
    ///   - destinations: Where its wiki links lead, by ``WikiLink/targetKey``.
    init(_ note: Note, backlinks: [NoteReference], destinations: [String: NoteID]) {
        id = note.id
        title = note.title
        let renderer = MarkdownRenderer { link in
            guard !link.target.isEmpty else { return Self.path(of: note.id) }
            return destinations[link.targetKey].map(Self.path)
        }
        html = Self.article(note, text: renderer.html(note.text)) + Self.section(backlinks)
    }

    /// The path of a note's page.
    static func path(of id: NoteID) -> String { "/notes/" + HTML.percentEncodedPath(id.rawValue) }

    private static func article(_ note: Note, text: String) -> String {
        let tags = note.tags.map { tag in
            "<a class=\"tag\" href=\"/?q=\(HTML.percentEncodedPath(tag))\">#\(HTML.escape(tag))</a>"
        }
        let folder = note.id.rawValue.split(separator: "/").dropLast().map { HTML.escape($0) }
        let day = note.modified.formatted(.iso8601.year().month().day())
        let details = [folder.joined(separator: " / "), day].filter { !$0.isEmpty }
        return """
            <article>
            <p class="details">\(details.joined(separator: " · "))</p>
            <h1>\(HTML.escape(note.title))</h1>
            <p class="tags">\(tags.joined(separator: " "))</p>
            \(text)</article>

            """
    }

    private static func section(_ backlinks: [NoteReference]) -> String {
        guard !backlinks.isEmpty else { return "" }
        let items = backlinks.map { reference in
            "<li><a href=\"\(path(of: reference.id))\">\(HTML.escape(reference.title))</a></li>"
        }
        let shown = 24
        let count = backlinks.count == 1 ? "One note links" : "\(backlinks.count) notes link"
        var list = "<ul class=\"links\">\(items.prefix(shown).joined())</ul>"
        if items.count > shown {
            list += """
                <details><summary>\(items.count - shown) more</summary>\
                <ul class="links">\(items.dropFirst(shown).joined())</ul></details>
                """
        }
        return "<section class=\"backlinks\"><h2>\(count) here</h2>\(list)</section>\n"
    }
}
