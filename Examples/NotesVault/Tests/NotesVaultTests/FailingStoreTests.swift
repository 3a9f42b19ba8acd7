import Larder
import LarderTesting
import Testing

@testable import NotesVault

@Suite struct FailingStoreTests {
    @Test("an edit stands when the store refuses removals, and they are made up for with the next change")
    func refusedRemovals() async throws {
        let test = try await TestVault(["a": "old", "b": "x"])
        let store = FaultyStore(wrapping: DictionaryStore())
        let cache = try await TestCache(test, store: store)
        #expect(try await cache.repository.note(noteID("a"))?.body == "old")

        store.fail(.always, of: [.remove, .write])
        #expect(try await cache.repository.save("new", as: noteID("a")) == false)
        #expect(try await cache.repository.note(noteID("a"))?.body == "new")
        #expect(try await test.vault.index.unsettledChanges().count == 1)

        store.heal()
        _ = try await cache.repository.save("y", as: noteID("b"))
        #expect(try await test.vault.index.unsettledChanges().isEmpty)
        // Another process on the same store finds nothing of the old text.
        let other = try await TestCache(test, store: store)
        #expect(try await other.repository.note(noteID("a"))?.body == "new")
    }
}
