import Foundation
import GRDB
import Testing

@testable import NotesVault

@Suite struct VaultIndexTests {
    private func found(_ text: String, in test: TestVault, limit: Int = 20) async throws -> [String] {
        try await test.origin.search(text, limit: limit).map(\.id.rawValue)
    }

    @Test("a note is found by its id, and an absent one is nil")
    func note() async throws {
        let test = try await TestVault(["a/b": "# Title\n\nText with [[c]] and #tag."])
        let note = try #require(try await test.vault.index.note(noteID("a/b")))
        #expect(note.title == "Title" && note.tags == ["tag"] && note.links.map(\.target) == ["c"])
        #expect(try await test.vault.index.note(noteID("a/c")) == nil)
    }

    @Test("a search finds the notes with all words, those with a word in the title first")
    func search() async throws {
        let test = try await TestVault([
            "one": "# Garden\n\nTomatoes.",
            "two": "# Other\n\nA garden, a **café**, and much more text that makes the word weigh less.",
            "three": "# Third\n\nNothing.\n\n#garden",
        ])
        #expect(try await found("garden", in: test) == ["one", "three", "two"])
        #expect(try await found("GARDEN Cafe", in: test) == ["two"])
        #expect(try await found("garden absent", in: test).isEmpty)
        #expect(try await found("garden", in: test, limit: 1) == ["one"])
        let hit = try #require(try await test.origin.search("café", limit: 1).first)
        #expect(hit.title == "Other" && hit.snippet.contains("<mark>café</mark>"))
    }

    @Test("a snippet is escaped")
    func snippet() async throws {
        let test = try await TestVault(["a": "x <script>alert(1)</script> \u{2}word\u{3} word"])
        let hit = try #require(try await test.origin.search("word", limit: 1).first)
        #expect(!hit.snippet.contains("<script"))
        #expect(hit.snippet.count(of: "<mark>") == 2 && hit.snippet.count(of: "</mark>") == 2)
    }

    @Test("no search is ever an error of the query language")
    func garbage() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        let test = try await TestVault(["a": "and or not near word title body"])
        let pieces = [
            "AND", "OR", "NOT", "NEAR(", ")", "\"", "'", "*", "^", ":", "title:", "-", "+", "{a b}:", "word", " ", "\\",
            "%", ";", "--", "\u{0}", "é", "日本", "(", "word*", "\"word", "🙂", "\u{301}", "1", ",", "body : x",
        ]
        for _ in 0..<2_000 {
            let text = (0...generator.index(below: 8)).map { _ in generator.pick(pieces) }
                .joined(separator: generator.pick(["", " "]))
            do {
                _ = try await test.origin.search(text, limit: 5)
            } catch let error as VaultError {
                #expect(error.code == .invalidQuery, "seed \(seed): \(text)")
            }
        }
        #expect(try await found("\"word", in: test) == ["a"])
        #expect(try await found("NOT word", in: test) == ["a"])
    }

    @Test(
        "a search without a word, or with too much, says so",
        arguments: [
            "", "  ", "!?*", String(repeating: "x", count: 201), Array(0..<17).map(String.init).joined(separator: " "),
        ]
    )
    func refused(_ text: String) async throws {
        let test = try await TestVault(["a": "x"])
        let error = try await #require(throws: VaultError.self) { try await test.origin.search(text, limit: 1) }
        #expect(error.code == .invalidQuery)
    }

    @Test("links mean the note with that path, else the one with that name and the shortest path")
    func backlinks() async throws {
        let test = try await TestVault([
            "x/note": "", "longer/path/note": "", "by-name": "[[Note]]", "by-path": "[[longer/path/note|there]]",
            "self": "[[self]] [[nowhere]]",
        ])
        func backlinks(_ id: String) async throws -> [String] {
            try await test.origin.backlinks(of: noteID(id)).map(\.id.rawValue)
        }
        #expect(try await backlinks("x/note") == ["by-name"])
        #expect(try await backlinks("longer/path/note") == ["by-path"])
        #expect(try await backlinks("self") == [])
        #expect(try await test.vault.index.destinations(of: noteID("by-name")) == ["note": noteID("x/note")])
        _ = try await test.origin.delete(noteID("x/note"))
        #expect(try await backlinks("longer/path/note") == ["by-name", "by-path"])
        _ = try await test.origin.save("", as: noteID("note"))
        #expect(try await backlinks("longer/path/note") == ["by-path"])
        #expect(try await backlinks("note") == ["by-name"])
    }

    @Test("the index takes up only what changed in the folder")
    func incremental() async throws {
        let test = try await TestVault(["a": "one", "b": "two", "c": "three"])
        #expect(try await test.vault.refreshAll().isEmpty)
        try test.folder.write("two and a half", to: "vault/b.md")
        try test.folder.write("four", to: "vault/d/d.md")
        try FileManager.default.removeItem(atPath: test.folder.path + "/vault/c.md")
        let changes = try await test.vault.refreshAll()
        #expect(changes.map(\.count) == [3])
        #expect(try await test.vault.index.allIDs().map(\.rawValue) == ["a", "b", "d/d"])
        #expect(try await found("half", in: test) == ["b"])
        #expect(try await found("three", in: test).isEmpty)
    }

    @Test("queries are counted, one for one")
    func counting() async throws {
        let test = try await TestVault(["a": "[[b]]", "b": "x"])
        let before = test.vault.index.queries
        _ = try await test.origin.note(noteID("a"))
        _ = try await test.origin.search("x", limit: 1)
        _ = try await test.origin.backlinks(of: noteID("a"))
        #expect(test.vault.index.queries - before == 3)
        _ = try await test.origin.view(of: noteID("a"))
        #expect(test.vault.index.queries - before == 6)
    }

    @Test("a change too large to follow touches everything")
    func largeChange() async throws {
        let test = try await TestVault(["a": "word"])
        let query = try test.vault.index.tokenizer.query("word")
        let version = test.vault.index.version(of: query)
        for number in 0..<(VaultIndex.maximumFollowedEdits + 1) {
            try test.folder.write("text \(number)", to: "vault/n\(number).md")
        }
        let changes = try await test.vault.refreshAll()
        #expect(changes.map(\.scope) == [.everything])
        #expect(test.vault.index.version(of: query) > version)
    }
}

@Suite struct SearchVersionsTests {
    @Test("an edit moves on exactly the searches whose words it all contains")
    func versions() async throws {
        let test = try await TestVault(["a": "red green", "b": "blue"])
        func version(_ text: String) throws -> Int64 {
            test.vault.index.version(of: try test.vault.index.tokenizer.query(text))
        }
        let texts = ["red", "red green", "red blue", "blue", "yellow", "green yellow"]
        let before = try texts.map(version)
        _ = try await test.origin.save("red yellow", as: noteID("a"))
        let after = try texts.map(version)
        let moved = zip(texts, zip(before, after)).filter { $1.0 != $1.1 }.map(\.0)
        // Before, the note had red and green; now it has red and yellow. No note had or has both red and blue.
        #expect(moved == ["red", "red green", "yellow", "green yellow"])
        #expect(zip(before, after).allSatisfy { $0 <= $1 })
    }

    @Test("versions survive a restart")
    func restart() async throws {
        let folder: TemporaryFolder
        let version: Int64
        do {
            let test = try await TestVault(["a": "red"])
            folder = test.folder
            for number in 0..<3 { _ = try await test.origin.save("red \(number)", as: noteID("a")) }
            version = test.vault.index.version(of: try test.vault.index.tokenizer.query("red"))
            try test.vault.index.pool.close()
        }
        let again = try await TestVault(in: folder)
        #expect(again.vault.index.version(of: try again.vault.index.tokenizer.query("red")) == version)
    }

    @Test("the order in which edits are recorded does not matter")
    func order() async throws {
        let test = try await TestVault(["a": "x"])
        let query = try test.vault.index.tokenizer.query("red")
        var forward = SearchVersions()
        forward.record(["red"], change: 4)
        forward.recordAll(change: 5)
        forward.record(["red"], change: 6)
        var backward = SearchVersions()
        backward.record(["red"], change: 6)
        backward.recordAll(change: 5)
        backward.record(["red"], change: 4)
        #expect(forward.version(of: query) == 6)
        #expect(backward.version(of: query) == 6)
    }
}
