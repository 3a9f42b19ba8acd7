import Foundation
import Testing

@testable import NotesVault

@Suite struct VaultFolderTests {
    @Test("notes are written, found, read and deleted")
    func cycle() throws {
        let temporary = try TemporaryFolder()
        let folder = try VaultFolder(path: temporary.path)
        let id = try noteID("a/b/c d")
        try folder.write("text", to: id)
        try temporary.write("no note", to: "picture.png")
        try temporary.write("hidden", to: ".obsidian/x.md")
        #expect(Array(try folder.stamps().keys) == [id])
        #expect(try folder.source(of: id) == "text")
        #expect(try folder.delete(id))
        #expect(try !folder.delete(id))
        #expect(try folder.stamps().isEmpty)
    }

    @Test("a link that leads out of the vault is not written through")
    func links() throws {
        let outside = try TemporaryFolder()
        let inside = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(
            atPath: inside.path + "/out",
            withDestinationPath: outside.path
        )
        let folder = try VaultFolder(path: inside.path)
        #expect(throws: VaultError.self) { try folder.write("x", to: noteID("out/x")) }
        #expect(throws: VaultError.self) { try folder.write("x", to: noteID("out/new/x")) }
        try outside.write("y", to: "y.md")
        #expect(throws: VaultError.self) { try folder.delete(noteID("out/y")) }
        #expect(try folder.stamps().isEmpty)
        #expect(FileManager.default.fileExists(atPath: outside.path + "/y.md"))
    }

    @Test("a folder that is missing, or a file, is refused with words that help")
    func refused() throws {
        let temporary = try TemporaryFolder()
        try temporary.write("", to: "file")
        let missing = try #require(throws: VaultError.self) { try VaultFolder(path: temporary.path + "/none") }
        #expect(missing.code == .unreadableVault && missing.message.contains("There is no folder"))
        let file = try #require(throws: VaultError.self) { try VaultFolder(path: temporary.path + "/file") }
        #expect(file.code == .unreadableVault && file.message.contains("is a file"))
    }

    @Test("a folder in the place of a note is a conflict")
    func conflict() throws {
        let temporary = try TemporaryFolder()
        try temporary.write("", to: "a.md/x")
        let folder = try VaultFolder(path: temporary.path)
        let error = try #require(throws: VaultError.self) { try folder.write("x", to: noteID("a")) }
        #expect(error.code == .conflict)
    }
}
