import Foundation
import GRDB
import Larder
import Testing

@testable import NotesVault

/// Edits of all kinds at random, and after each the cache must answer as the origin does.
@Suite struct RepositoryAgreementTests {
    private static let names = ["a", "b", "c", "x/a", "x/d", "y/a", "y/e"]
    private static let words = ["red", "green", "blue", "one", "two", "Éclair"]

    @Test(
        "the cache answers as the origin does after any edits, restarts and crashes",
        .timeLimit(.minutes(10)),
        arguments: 0..<3
    )
    func agreement(_: Int) async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        var test = try await TestVault(["a": "red"])
        var cache = try await TestCache(test)
        for step in 0..<60 {
            let id = try noteID(generator.pick(Self.names))
            let file = "vault/\(id).md"
            switch generator.index(below: 10) {
            case 0..<5:
                _ = try await cache.repository.save(Self.source(&generator), as: id)
            case 5:
                _ = try await cache.repository.delete(id)
            case 6:
                try test.folder.write(Self.source(&generator), to: file)
                _ = try await cache.repository.refresh([id])
            case 7:
                try? FileManager.default.removeItem(atPath: test.folder.path + "/" + file)
                try test.folder.write(Self.source(&generator), to: "vault/c.md")
                _ = try await cache.repository.refreshAll()
            default:
                // A crash: the last edit is in the vault, but the cache was not told of it.
                if generator.chance(0.5) { _ = try await test.vault.save(Self.source(&generator), as: id) }
                await cache.system.shutdown()
                try test.vault.index.pool.close()
                if generator.chance(0.5) { try test.folder.write(Self.source(&generator), to: file) }
                test = try await TestVault(in: test.folder)
                cache = try await TestCache(test)
            }
            try await expectAgreement(cache.repository, test.origin, "seed \(seed), step \(step)")
        }
    }

    private func expectAgreement(
        _ cached: CachedNoteRepository,
        _ origin: OriginNoteRepository,
        _ place: String
    ) async throws {
        for name in Self.names {
            let id = try noteID(name)
            #expect(try await cached.note(id) == origin.note(id), "note \(name), \(place)")
            #expect(try await cached.view(of: id) == origin.view(of: id), "view of \(name), \(place)")
            #expect(try await cached.backlinks(of: id) == origin.backlinks(of: id), "backlinks of \(name), \(place)")
        }
        for text in Self.words + ["red green", "green blue one", "two red", "eclair", "tag"] {
            // The order may follow older statistics; what is found may not.
            let found = Set(try await cached.search(text, limit: 50))
            #expect(try await found == Set(origin.search(text, limit: 50)), "search for \(text), \(place)")
        }
    }

    private static func source(_ generator: inout SeededGenerator) -> String {
        var lines: [String] = []
        if generator.chance(0.5) { lines.append("---\ntitle: \(generator.pick(words))\ntags: [tag]\n---") }
        for _ in 0..<generator.index(below: 4) {
            lines.append(generator.chance(0.5) ? generator.pick(words) : "[[\(generator.pick(names))]]")
        }
        return lines.joined(separator: "\n")
    }
}
