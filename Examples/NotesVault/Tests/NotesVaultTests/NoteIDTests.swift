import Testing

@testable import NotesVault

@Suite struct NoteIDTests {
    @Test(
        "an id that could lead out of the vault, or names no file, is refused",
        arguments: [
            "", "/", "/etc/passwd", "../secret", "a/../../b", "a/..", "..", ".", ".hidden", "a/.git/config", "a//b",
            "a/", "a\\b", "a\u{0}b", "a\nb", "a\u{7F}b", "a\u{2028}b", "./a", String(repeating: "x", count: 241),
            String(repeating: "a/", count: 240) + "a",
        ]
    )
    func refused(_ text: String) {
        #expect(NoteID(rawValue: text) == nil)
        #expect(throws: VaultError.self) { try NoteID(validating: text) }
    }

    @Test("ordinary paths are ids", arguments: ["a", "daily/2026-03-31", "Ümläute/日本語 と", "a..b", "a b (c) [d]#1?%"])
    func accepted(_ text: String) throws {
        #expect(try NoteID(validating: text).rawValue == text)
    }

    @Test("the name is the last part of the path")
    func name() throws {
        #expect(try noteID("a/b/c d").name == "c d")
        #expect(try noteID("c").name == "c")
    }

    @Test("what is wrong is told without the control characters that are wrong")
    func message() throws {
        let error = try #require(throws: VaultError.self) { try NoteID(validating: "a\u{1B}[31mb") }
        #expect(error.code == .invalidID)
        #expect(!error.message.unicodeScalars.contains("\u{1B}"))
        #expect(error.message.contains("control character"))
    }
}
