import Foundation

/// A note of the vault, as its file says it.
struct Note: Codable, Hashable, Sendable {
    let id: NoteID

    /// The front matter's `title`, else the first heading, else the file's name.
    let title: String

    /// What stands between the `---` lines at the top, by name.
    let frontMatter: [String: FrontMatterValue]

    /// The tags of the front matter and of the text, lower case, without `#`, each once, in order.
    let tags: [String]

    /// The wiki links of the text, each target once, in order.
    let links: [WikiLink]

    /// The Markdown below the front matter.
    let body: String

    /// When the file was last changed.
    let modified: Date

    /// The body without a first heading that only repeats the title.
    var text: String {
        let heading = "# \(title)\n"
        return body.hasPrefix(heading) ? String(body.dropFirst(heading.count)) : body
    }
}

/// What a list of notes says of each.
struct NoteReference: Codable, Hashable, Sendable {
    let id: NoteID
    let title: String
}
