import Foundation

/// Reads the source of a note: its front matter, title, tags and links.
enum NoteParser {
    /// Reads a note.
    ///
    /// Any text is a note; nothing here can fail.
    ///
    /// - Complexity: O(length of `source`).
    static func parse(_ source: String, id: NoteID, modified: Date) -> Note {
        let (frontMatter, body) = FrontMatter.split(source)
        let scan = MarkupScan(body)
        return Note(
            id: id,
            title: title(frontMatter, heading: scan.firstHeading, id: id),
            frontMatter: frontMatter.values,
            tags: tags(frontMatter, inText: scan.tags),
            links: scan.links,
            body: body,
            modified: modified
        )
    }

    private static func title(_ frontMatter: FrontMatter, heading: String?, id: NoteID) -> String {
        if let title = frontMatter.values["title"]?.texts.first, !title.isEmpty { return title }
        return heading ?? id.name
    }

    private static func tags(_ frontMatter: FrontMatter, inText: [String]) -> [String] {
        var listed: [String] = []
        for name in ["tags", "tag"] {
            switch frontMatter.values[name] {
            case .list(let texts): listed += texts
            case .text(let text): listed += text.split { $0 == "," || $0.isWhitespace }.map(String.init)
            case nil: break
            }
        }
        let normalized = listed.map { $0.drop { $0 == "#" }.lowercased() }.filter { !$0.isEmpty }
        return (normalized + inText).removingDuplicates(by: \.self)
    }
}

extension Array {
    /// The elements without those whose key was there before.
    func removingDuplicates<Key: Hashable>(by key: (Element) -> Key) -> [Element] {
        var seen: Set<Key> = []
        return filter { seen.insert(key($0)).inserted }
    }
}
