import LarderTesting
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct DependencyTests {
    private let clock = ManualClock()
    private let store: DictionaryStore
    private let log: LocalInvalidationLog

    init() {
        store = DictionaryStore(clock: clock)
        log = LocalInvalidationLog(clock: clock)
    }

    private struct Node {
        let notes: TieredCache<Int, String>
        let pages: TieredCache<Int, String>
        let books: TieredCache<Int, String>

        init(_ system: CacheSystem) throws {
            var notes = CacheNamespace<Int, String>("notes", policy: exact())
            notes.derived = ["pages", "books"]
            var pages = CacheNamespace<Int, String>("pages", policy: exact())
            pages.derived = ["books"]
            self.notes = try system.cache(notes)
            self.pages = try system.cache(pages)
            books = try system.cache(CacheNamespace("books", policy: exact()))
        }

        /// A page of two notes, and a book of two pages.
        func book(_ number: Int) async throws -> String? {
            try await books.result(forKey: number) { number, context in
                var text = ""
                for page in [2 * number, 2 * number + 1] {
                    text += try await self.page(page) ?? ""
                    try context.depend(on: pages, page)
                }
                return .value(text)
            }
            .value
        }

        func page(_ number: Int) async throws -> String? {
            try await pages.result(forKey: number) { number, context in
                var text = ""
                for note in [2 * number, 2 * number + 1] {
                    text += try await notes.value(forKey: note) { "\($0) " }
                    try context.depend(on: notes, note)
                }
                return .value(text)
            }
            .value
        }
    }

    private func node(isShared: Bool = true) throws -> Node {
        try Node(CacheSystem(store: store, log: isShared ? log : nil, clock: clock))
    }

    @Test("what is derived from an entry is invalidated with it, and what is derived from that; nothing else is")
    func closure() async throws {
        let node = try node()
        #expect(try await node.book(0) == "0 1 2 3 ")
        #expect(try await node.book(1) == "4 5 6 7 ")
        try await node.notes.setValue("new ", forKey: 2)
        #expect(node.books.cachedValue(forKey: 0) == nil)
        #expect(node.pages.cachedValue(forKey: 1) == nil)
        #expect(node.pages.cachedValue(forKey: 0) == "0 1 ")
        #expect(node.books.cachedValue(forKey: 1) == "4 5 6 7 ")
        #expect(try await node.book(0) == "0 1 new 3 ")
        try await node.pages.removeValue(forKey: 0)
        #expect(node.books.cachedValue(forKey: 0) == nil)
    }

    @Test("it does not matter which process invalidates, and which has derived what")
    func processes() async throws {
        let first = try node()
        let second = try node()
        #expect(try await first.book(0) == "0 1 2 3 ")
        #expect(try await second.book(0) == "0 1 2 3 ", "from the store")
        try await second.notes.setValue("new ", forKey: 0)
        #expect(second.books.cachedValue(forKey: 0) == nil)
        await until { first.books.cachedValue(forKey: 0) == nil }
        let third = try node()
        #expect(try await third.books.value(forKey: 0) == nil, "what the store has is not taken")
        #expect(try await third.book(0) == "new 1 2 3 ")
    }

    @Test("tags, patterns and everything of the sources reach what is derived from them")
    func otherInvalidations() async throws {
        let node = try node()
        var tagged = exact()
        tagged.tags = ["draft"]
        try await node.notes.setValue("draft ", forKey: 0, policy: tagged)
        #expect(try await node.book(0) == "draft 1 2 3 ")
        try await node.notes.removeAll(tagged: "other")
        #expect(node.books.cachedValue(forKey: 0) != nil)
        try await node.notes.removeAll(tagged: "draft")
        #expect(node.books.cachedValue(forKey: 0) == nil)
        _ = try await node.book(0)
        try await node.notes.removeAll(matching: KeyPattern("7*"))
        #expect(node.books.cachedValue(forKey: 0) == nil, "which notes it was made of is not asked for a pattern")
        _ = try await node.book(0)
        try await node.notes.removeAll()
        #expect(node.books.cachedValue(forKey: 0) == nil)
    }

    @Test("a cycle of 10,000 entries is invalidated as a whole, each once and without recursion")
    func cycle() async throws {
        let count = 10_000
        var namespace = CacheNamespace<Int, Int>("ring", policy: exact(), memory: .entries(2 * count))
        namespace.derived = ["ring"]
        let ring = try CacheSystem(clock: clock).cache(namespace)
        func load(_ key: Int) async throws {
            _ = try await ring.result(forKey: key, options: .forceRefresh) { key, context in
                try context.depend(on: ring, (key + 1) % count)
                return .value(key)
            }
        }
        for key in (0..<count).reversed() { try await load(key) }
        try await load(count - 1)
        #expect((0..<count).allSatisfy { ring.cachedValue(forKey: $0) == $0 })
        try await ring.removeValue(forKey: 5_000)
        #expect((0..<count).allSatisfy { ring.cachedValue(forKey: $0) == nil })
    }

    @Test("a value that was derived from an old source while that was invalidated is not stored")
    func race() async throws {
        let node = try node(isShared: false)
        let door = Latch()
        let load = Task {
            try await node.pages.result(forKey: 1) { _, context in
                _ = try await node.notes.value(forKey: 2) { _ in "old" }
                try context.depend(on: node.notes, 2)
                try await door.wait()
                return .value("made of the old")
            }
        }
        await door.waitForArrivals()
        try await node.notes.setValue("new", forKey: 2)
        door.open()
        #expect(try await load.value.value == "made of the old")
        #expect(try await node.pages.value(forKey: 1) == nil)
    }
}
