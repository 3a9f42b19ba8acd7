import Foundation
import Testing

@testable import NotesVault

@Suite struct SampleVaultTests {
    @Test("the same seed makes the same vault, another seed another")
    func deterministic() throws {
        let first = try SampleVault(count: 200, seed: 7).notes()
        let second = try SampleVault(count: 200, seed: 7).notes()
        let other = try SampleVault(count: 200, seed: 8).notes()
        #expect(first.map(\.id) == second.map(\.id))
        #expect(first.map(\.source) == second.map(\.source))
        #expect(first.map(\.source) != other.map(\.source))
    }

    @Test("the notes are as many as asked for, with ids that differ, and all links lead somewhere")
    func sound() throws {
        let notes = try SampleVault(count: 1_500, seed: 1).notes()
        let names = Set(notes.map { $0.id.name.lowercased() })
        #expect(names.count == 1_500)
        var links: [String: Int] = [:]
        for (id, source) in notes {
            let note = NoteParser.parse(source, id: id, modified: .distantPast)
            #expect(!note.title.isEmpty && !note.tags.isEmpty && note.body.count > 100)
            #expect(!note.body.contains("{") && !note.body.contains("}"))
            for link in note.links {
                #expect(names.contains(link.targetKey), "\(id) links to \(link.target)")
                links[link.targetKey, default: 0] += 1
            }
        }
        let counts = links.values.sorted(by: >)
        #expect(counts.reduce(0, +) > 1_500 * 2)
        #expect(counts[0] > 10 * counts[counts.count / 2], "some notes are far more popular than most")
    }

    @Test("a vault that exists is left alone, and one that was cut short is made anew")
    func writing() throws {
        let folder = try TemporaryFolder()
        try folder.write("left over", to: "vault.unfinished/old.md")
        let sample = SampleVault(count: 20, seed: 1)
        try sample.write(to: folder.path + "/vault") { _ in }
        let stamps = try VaultFolder(path: folder.path + "/vault").stamps()
        #expect(Set(stamps.keys) == Set(try sample.notes().map(\.id)))
        try folder.write("mine", to: "vault/mine.md")
        try sample.write(to: folder.path + "/vault") { _ in }
        #expect(try VaultFolder(path: folder.path + "/vault").stamps().count == 21)
    }
}
