import Foundation
import Testing

@testable import NotesVault

@Suite struct NoteParserTests {
    private func parse(_ source: String, id: String = "folder/name") throws -> Note {
        NoteParser.parse(source, id: try noteID(id), modified: .distantPast)
    }

    @Test("front matter is read as texts and lists, and taken off the body")
    func frontMatter() throws {
        let note = try parse(
            """
            ---
            title: "A title: with a colon"
            # a comment
            tags: [One, "two", 'three']
            aliases:
              - first
              - "second"
            empty:
            broken line
            ---

            Text.
            """
        )
        #expect(note.title == "A title: with a colon")
        #expect(note.frontMatter["tags"] == .list(["One", "two", "three"]))
        #expect(note.frontMatter["aliases"] == .list(["first", "second"]))
        #expect(note.frontMatter["empty"] == .text(""))
        #expect(note.tags == ["one", "two", "three"])
        #expect(note.body == "Text.")
    }

    @Test(
        "front matter that is never closed is text",
        arguments: ["---\ntitle: x\n", "text\n---\na: b\n---\n", "", "---"]
    )
    func noFrontMatter(_ source: String) throws {
        let note = try parse(source)
        #expect(note.frontMatter.isEmpty)
        #expect(note.body == source)
    }

    @Test("the title is that of the front matter, else the first heading, else the name")
    func title() throws {
        #expect(try parse("---\ntitle: Said\n---\n# Heading\n").title == "Said")
        #expect(try parse("text\n\n# Heading\n\n# Other\n").title == "Heading")
        #expect(try parse("## Second level\n").title == "name")
    }

    @Test("wiki links have a target, a heading and a label")
    func links() throws {
        let links = try parse("[[A]], ![[b/C.md|label]], [[D#Part|x]] and [[a]] again, [[#Here]], [[]], [[ ]], [[open")
            .links
        #expect(links.map(\.target) == ["A", "b/C", "D"])
        #expect(links.map(\.label) == ["A", "label", "x"])
        #expect(links.map(\.heading) == [nil, nil, "Part"])
    }

    @Test("tags stand at the start of a word and are more than a number")
    func tags() throws {
        let note = try parse("#one and (#Two/three) a#no ##no #1 #2x # no #über\n# Heading #four\n")
        #expect(note.tags == ["one", "two/three", "2x", "über", "four"])
    }

    @Test("code holds neither links nor tags")
    func code() throws {
        let note = try parse("`[[a]] #b` and\n```\n[[c]]\n#d\n```\n[[e]] #f\n")
        #expect(note.links.map(\.target) == ["e"])
        #expect(note.tags == ["f"])
    }

    @Test("any bytes are a note: parsing and rendering never fail")
    func garbage() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "[[", "]]", "|", "#", "`", "```", "\n", "---\n", "**", "_", "~~", "[", "](", ")", "!", "> ", "- ", "1. ",
            "  ", "\\", "<b>", "&", "javascript:", "http://", "é", "\u{0}", "日", "\u{2}", "- [x] ", "\t", "x",
        ]
        for _ in 0..<500 {
            let source = (0..<generator.index(below: 60)).map { _ in generator.pick(pieces) }.joined()
            let note = try parse(source)
            let html = MarkdownRenderer { _ in "/notes/x" }.html(note.body)
            #expect(
                !html.contains("<b>") && !html.lowercased().contains("href=\"javascript"),
                "seed \(seed): \(source)"
            )
            #expect(html.count(of: "<a ") == html.count(of: "</a>"), "seed \(seed): \(source)")
        }
    }
}

extension String {
    /// How often a text occurs in this one.
    func count(of text: String) -> Int { ranges(of: text).count }
}
