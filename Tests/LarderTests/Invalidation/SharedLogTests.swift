import Larder
import LarderTesting
import Testing

@Suite("Caches that share a log", .timeLimit(.minutes(10))) struct SharedLogTests {
    private let cluster = Cluster()

    @Test("a removal reaches the memory of other processes")
    func removal() async throws {
        let (one, other) = (try cluster.node(), try cluster.node())
        _ = try await one.read(1, "old")
        _ = try await other.read(1, "unused")
        #expect(other.cachedValue(forKey: 1) == "old")
        try await one.removeValue(forKey: 1)
        #expect(one.cachedValue(forKey: 1) == nil)
        await until { other.cachedValue(forKey: 1) == nil }
        #expect(try await other.read(1, "new") == "new")
        #expect(try await one.read(1, "unused") == "new")
    }

    @Test("a write reaches other processes, and its own record does not remove it")
    func write() async throws {
        let (one, other) = (try cluster.node(), try cluster.node())
        _ = try await other.read(1, "old")
        try await one.setValue("new", forKey: 1)
        await until { other.cachedValue(forKey: 1) == nil }
        #expect(try await other.value(forKey: 1) == "new")
        #expect(one.cachedValue(forKey: 1) == "new")
    }

    @Test("what was loaded before another process removed the key is stored nowhere, and not for those who come later")
    func lateLoad() async throws {
        let (one, other) = (try cluster.node(), try cluster.node())
        let door = Latch()
        let load = Task {
            try await other.value(forKey: 1) { _ in
                try await door.wait()
                return "old"
            }
        }
        await door.waitForArrivals()
        let early = Task { try await other.value(forKey: 1) { _ in "never" } }
        await until { other.activity.waiting == 1 }
        _ = try await other.read(2, "mark")
        try await one.removeValues(forKeys: [1, 2])
        await until { other.cachedValue(forKey: 2) == nil }
        #expect(try await other.value(forKey: 1) { _ in "new" } == "new")
        door.open()
        #expect(try await load.value == "old")
        #expect(try await early.value == "old")
        #expect(other.cachedValue(forKey: 1) == "new")
        #expect(try await one.read(1, "never") == "new")
    }

    @Test("callers who come after a tag was removed do not take what was loaded before, by one record or by two")
    func lateCallers() async throws {
        let one = try cluster.node()
        let door = Latch()
        let load = Task {
            try await one.result(forKey: 1) { _, context in
                context.tags = ["a", "b"]
                try await door.wait()
                return .value("old")
            }
        }
        await door.waitForArrivals()
        try await one.removeAll(tagged: "a")
        let late = Task { try await one.read(1, "new") }
        await until { one.activity.waiting == 1 }
        try await one.removeAll(tagged: "b")
        door.open()
        #expect(try await load.value.value == "old")
        #expect(try await late.value == "new")
    }

    @Test("an entry with a removed tag is served by nobody, not even by a process that starts later")
    func tags() async throws {
        let (one, other) = (try cluster.node(), try cluster.node())
        _ = try await one.read(1, "old", tags: ["x"])
        _ = try await one.read(2, "untouched", tags: ["y"])
        _ = try await other.read(1, "unused")
        try await one.removeAll(tagged: "x")
        #expect(one.cachedValue(forKey: 1) == nil)
        #expect(try await one.value(forKey: 1) == nil)
        await until { other.cachedValue(forKey: 1) == nil }
        #expect(try await other.value(forKey: 1) == nil)
        let third = try cluster.node()
        #expect(try await third.value(forKey: 1) == nil)
        #expect(try await third.value(forKey: 2) == "untouched")
        #expect(one.cachedValue(forKey: 2) == "untouched")
    }

    @Test("an entry that was compared with a newer record is still reached by an older one of another process")
    func recordsOutOfOrder() async throws {
        let one = try cluster.node()
        _ = try await one.read(1, "old", tags: ["x"])
        let other = try cluster.node()
        _ = try await other.read(9, "unused")
        try await other.removeAll(tagged: "x")
        // One knows its own record at once, and may not have heard the one before it.
        try await one.removeAll(tagged: "y")
        _ = one.cachedValue(forKey: 1)
        await until { one.cachedValue(forKey: 1) == nil }
    }

    @Test("an entry that was softly invalidated by its tag stands in for a failing load, here and elsewhere")
    func softTags() async throws {
        let (one, other) = (try cluster.node(), try cluster.node())
        _ = try await one.read(1, "old", tags: ["x"])
        _ = try await other.read(1, "unused")
        try await one.expireAll(tagged: "x")
        await until { other.cachedValue(forKey: 1) == nil }
        for node in [one, other] {
            #expect(node.cachedValue(forKey: 1) == nil)
            let result = try await node.result(forKey: 1) { _, _ in throw Origin.Down() }
            #expect(result.value == "old")
            #expect(result.isStale)
        }
        #expect(try await one.read(1, "new") == "new")
        #expect(one.cachedValue(forKey: 1) == "new")
    }

    @Test("an entry that was softly invalidated by its key stands in for a failing load, here and elsewhere")
    func softKeys() async throws {
        let (one, other) = (try cluster.node(), try cluster.node())
        _ = try await one.read(1, "old")
        _ = try await other.read(1, "unused")
        try await one.expireValue(forKey: 1)
        await until { other.cachedValue(forKey: 1) == nil }
        for node in [one, other] {
            let result = try await node.result(forKey: 1) { _, _ in throw Origin.Down() }
            #expect(result.value == "old")
            #expect(result.isStale)
        }
    }

    @Test("a pattern touches the keys that match, and its sweep spares what was written after it")
    func patterns() async throws {
        let (one, other) = (try cluster.node(String.self), try cluster.node(String.self))
        for name in ["note-1", "note-2", "page-1"] { _ = try await one.read(name, "old") }
        for name in ["note-1", "page-1"] { _ = try await other.read(name, "unused") }
        try await one.removeAll(matching: try KeyPattern("note-*"))
        #expect(one.cachedValue(forKey: "note-1") == nil)
        try await one.setValue("new", forKey: "note-1")
        await until { other.cachedValue(forKey: "note-1") == nil }
        // The sweep leaves the page and the new note.
        await until { cluster.store.count == 2 }
        #expect(try await other.value(forKey: "note-1") == "new")
        #expect(try await other.value(forKey: "note-2") == nil)
        #expect(other.cachedValue(forKey: "page-1") == "old")
    }

    @Test("the sweep behind a pattern leaves what was written since it looked")
    func sweepAndWrite() async throws {
        let faulty = FaultyStore(wrapping: cluster.store, clock: cluster.clock)
        let cache = try cluster.node(String.self, store: faulty)
        for name in ["note-1", "note-2"] { _ = try await cache.read(name, "old") }
        faulty.hang(.delete)
        try await cache.removeAll(matching: try KeyPattern("note-*"))
        await faulty.waitUntilHanging()
        try await cache.setValue("new", forKey: "note-1")
        faulty.release()
        await until { cluster.store.count == 1 }
        #expect(try await cluster.node(String.self).value(forKey: "note-1") == "new")
    }

    @Test("everything is gone everywhere after it was removed")
    func everything() async throws {
        let (one, other) = (try cluster.node(), try cluster.node())
        for key in 0..<10 { _ = try await one.read(key, "old") }
        for key in 0..<10 { _ = try await other.read(key, "unused") }
        try await one.removeAll()
        await until { other.cachedValue(forKey: 3) == nil }
        for key in 0..<10 {
            #expect(try await one.value(forKey: key) == nil)
            #expect(try await other.value(forKey: key) == nil)
        }
    }

    @Test("keys that cannot be read back are compared when they are read")
    func opaqueKeys() async throws {
        let (one, other) = (try cluster.node(OpaqueKey.self), try cluster.node(OpaqueKey.self))
        let key = OpaqueKey(number: 1)
        _ = try await one.read(key, "old")
        _ = try await other.read(key, "unused")
        _ = try await other.read(OpaqueKey(number: 2), "untouched")
        try await one.setValue("new", forKey: key)
        #expect(one.cachedValue(forKey: key) == "new")
        await until { other.cachedValue(forKey: key) == nil }
        #expect(try await other.value(forKey: key) == "new")
        #expect(other.cachedValue(forKey: OpaqueKey(number: 2)) == "untouched")
    }

    @Test("two processes that write one key at a time agree in the end", arguments: 0..<20)
    func rivalWrites(round: Int) async throws {
        let nodes = [try cluster.node(), try cluster.node(), try cluster.node()]
        await withTaskGroup { group in
            for (number, node) in nodes.enumerated() {
                group.addTask {
                    for step in 0..<round % 5 + 1 { try? await node.setValue("\(number).\(step)", forKey: 1) }
                }
            }
        }
        // A record that all hear after those of the writes.
        for node in nodes { _ = try await node.read(2, "mark") }
        try await nodes[0].removeValue(forKey: 2)
        for node in nodes { await until { node.cachedValue(forKey: 2) == nil } }
        let expected = try await cluster.node().value(forKey: 1)
        #expect(expected != nil)
        for node in nodes { #expect(try await node.value(forKey: 1) == expected) }
    }
}
