import Foundation
import GRDB
import Larder
import Testing

@testable import NotesVault

@Suite struct CachedNoteRepositoryTests {
    @Test("what was asked for once is answered without the origin")
    func hits() async throws {
        let test = try await TestVault(["a": "# A\n\nword [[b]]", "b": "# B"])
        let cache = try await TestCache(test)
        func readAll() async throws {
            #expect(try await cache.repository.note(noteID("a"))?.title == "A")
            #expect(try await cache.repository.note(noteID("none")) == nil)
            #expect(try await cache.repository.view(of: noteID("b"))?.html.contains(">A</a>") == true)
            #expect(try await cache.repository.backlinks(of: noteID("b")).map(\.title) == ["A"])
            #expect(try await cache.repository.search("word", limit: 5).map(\.title) == ["A"])
            #expect(try await cache.repository.search(" WORD!", limit: 5).map(\.title) == ["A"])
            #expect(try await cache.repository.popular().map(\.title) == ["B"])
        }
        try await readAll()
        let queries = test.vault.index.queries
        try await readAll()
        #expect(test.vault.index.queries == queries)
    }

    @Test("a restart finds the cache warm")
    func warm() async throws {
        let test = try await TestVault(["a": "# A\n\nword"])
        let first = try await TestCache(test)
        _ = try await first.repository.view(of: noteID("a"))
        _ = try await first.repository.search("word", limit: 5)
        await first.system.shutdown()
        try test.vault.index.pool.close()
        let again = try await TestVault(in: test.folder)
        let second = try await TestCache(again)
        #expect(try await second.repository.view(of: noteID("a"))?.title == "A")
        #expect(try await second.repository.search("word", limit: 5).map(\.title) == ["A"])
        #expect(again.vault.index.queries == 0)
        #expect(second.caches.views.statistics.storeHits == 1)
        #expect(second.caches.searches.statistics.storeHits == 1)
    }

    @Test("an edit shows at once in the note, the backlinks, the views and the searches")
    func edit() async throws {
        let test = try await TestVault(["a": "# A\n\nold [[b]]", "b": "# B", "c": "# C"])
        let repository = try await TestCache(test).repository
        func backlinks(_ id: String) async throws -> [[String]] {
            let html = try await repository.view(of: noteID(id))?.html ?? ""
            return [
                try await repository.backlinks(of: noteID(id)).map(\.title),
                ["A", "A2"].filter { html.contains(">\($0)</a></li>") },
            ]
        }
        #expect(try await backlinks("b") == [["A"], ["A"]])
        #expect(try await backlinks("c") == [[], []])
        #expect(try await repository.search("old", limit: 5).count == 1)
        #expect(try await repository.search("new", limit: 5).isEmpty)
        #expect(try await repository.view(of: noteID("a"))?.html.contains("old") == true)

        #expect(try await repository.save("# A2\n\nnew [[c]]", as: noteID("a")) == false)
        #expect(try await repository.note(noteID("a"))?.title == "A2")
        #expect(try await repository.view(of: noteID("a"))?.html.contains("new") == true)
        #expect(try await backlinks("b") == [[], []])
        #expect(try await backlinks("c") == [["A2"], ["A2"]])
        #expect(try await repository.search("old", limit: 5).isEmpty)
        #expect(try await repository.search("new", limit: 5).map(\.title) == ["A2"])

        #expect(try await repository.delete(noteID("a")))
        #expect(try await repository.delete(noteID("a")) == false)
        #expect(try await repository.note(noteID("a")) == nil)
        #expect(try await backlinks("c") == [[], []])
        #expect(try await repository.search("new", limit: 5).isEmpty)
    }

    @Test("a note that comes or goes turns the links of others on and off")
    func comingAndGoing() async throws {
        let test = try await TestVault(["a": "[[b]]"])
        let repository = try await TestCache(test).repository
        func isMissing() async throws -> Bool {
            try await repository.view(of: noteID("a"))?.html.contains("missing") ?? false
        }
        #expect(try await isMissing())
        #expect(try await repository.note(noteID("b")) == nil)
        #expect(try await repository.save("here", as: noteID("b")))
        #expect(try await !isMissing())
        #expect(try await repository.note(noteID("b")) != nil)
        _ = try await repository.delete(noteID("b"))
        #expect(try await isMissing())
    }

    @Test("a crash between an edit and its removal from the cache leaves nothing stale")
    func crash() async throws {
        let test = try await TestVault(["a": "# A\n\nold [[b]]", "b": "# B"])
        let first = try await TestCache(test)
        _ = try await first.repository.view(of: noteID("a"))
        _ = try await first.repository.view(of: noteID("b"))
        _ = try await first.repository.search("old", limit: 5)
        // The edit is through, but the cache was never told.
        _ = try await test.vault.save("# A\n\nnew", as: noteID("a"))
        await first.system.shutdown()
        try test.vault.index.pool.close()
        let again = try await TestVault(in: test.folder)
        let second = try await TestCache(again).repository
        #expect(try await second.view(of: noteID("a"))?.html.contains("new") == true)
        #expect(try await second.view(of: noteID("b"))?.html.contains("One note links here") == false)
        #expect(try await second.search("old", limit: 5).isEmpty)
    }

    @Test("a cache that outlives the index it was filled from serves nothing of it")
    func newIndex() async throws {
        let test = try await TestVault(["a": "# A\n\nold"])
        let first = try await TestCache(test)
        _ = try await first.repository.view(of: noteID("a"))
        _ = try await first.repository.search("old", limit: 5)
        await first.system.shutdown()
        try test.vault.index.pool.close()
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: test.folder.path + "/index.sqlite" + suffix)
        }
        try test.folder.write("# A\n\nnew", to: "vault/a.md")
        let again = try await TestVault(in: test.folder)
        let second = try await TestCache(again).repository
        #expect(try await second.view(of: noteID("a"))?.html.contains("new") == true)
        #expect(try await second.search("old", limit: 5).isEmpty)
    }

    @Test("a read that runs while a note is edited never brings the old text back", .timeLimit(.minutes(10)))
    func concurrentReads() async throws {
        let test = try await TestVault(["a": "version 0", "b": "[[a]]"])
        let repository = try await TestCache(test).repository
        let a = try noteID("a")
        try await withThrowingTaskGroup(of: Void.self) { readers in
            for _ in 0..<4 {
                readers.addTask {
                    while !Task.isCancelled {
                        _ = try await repository.note(a)
                        _ = try await repository.view(of: a)
                        _ = try await repository.search("version", limit: 5)
                        await Task.yield()
                    }
                }
            }
            for version in 1...100 {
                _ = try await repository.save("version \(version)", as: a)
                #expect(try await repository.note(a)?.body == "version \(version)")
                #expect(try await repository.view(of: a)?.html.contains("<p>version \(version)</p>") == true)
                let hit = try await repository.search("version", limit: 5).first
                #expect(hit?.snippet == "<mark>version</mark> \(version)")
            }
            readers.cancelAll()
        }
    }
}
