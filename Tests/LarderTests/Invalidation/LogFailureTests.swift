import Larder
import LarderTesting
import Testing

@Suite("Caches whose log fails", .timeLimit(.minutes(10))) struct LogFailureTests {
    private let cluster = Cluster(policy: exact(timeToLive: .seconds(1_000_000), grace: .seconds(60)))

    /// Lets time pass in small steps while a condition holds.
    private func pass(_ cluster: Cluster, while condition: () -> Bool) async {
        while condition() {
            cluster.clock.advance(by: .milliseconds(100))
            for _ in 0..<20 { await Task.yield() }
        }
    }

    @Test("a process that hears nothing from the log serves its memory as stale copies, until it hears again")
    func silence() async throws {
        let one = try cluster.node()
        _ = try await one.read(1, "old")
        _ = try await one.read(2, "old, too")
        for _ in 0..<20 {
            let questions = cluster.log.questions
            await pass(cluster, while: { cluster.log.questions == questions })
        }
        await pass(cluster, while: { one.cachedValue(forKey: 1) == nil })
        #expect(one.cachedValue(forKey: 1) == "old")
        cluster.log.setDown(true)
        await pass(cluster, while: { one.cachedValue(forKey: 1) != nil })
        #expect(one.cachedValue(forKey: 1) == nil)
        let stale = try await one.result(forKey: 1) { _, _ in throw Origin.Down() }
        #expect(stale.value == "old")
        #expect(stale.isStale)
        cluster.log.setDown(false)
        await pass(cluster, while: { one.cachedValue(forKey: 2) == nil })
        #expect(one.cachedValue(forKey: 2) == "old, too")
    }

    @Test("what a process missed behind a gap makes all that it has invalid")
    func gap() async throws {
        let cluster = Cluster(logLimit: 2)
        let one = try cluster.node()
        _ = try await one.read(1, "old", tags: ["x"])
        cluster.log.setDown(true)
        // The reader's question to the log ends, and fails.
        let failures = cluster.log.failures
        await pass(cluster, while: { cluster.log.failures == failures })
        cluster.log.setDown(false)
        let other = try cluster.node()
        try await other.removeAll(tagged: "x")
        for key in 10..<15 { try await other.removeValue(forKey: key) }
        await pass(cluster, while: { one.cachedValue(forKey: 1) != nil })
        #expect(try await one.read(1, "new") == "new")
    }

    @Test("a change that the log does not take throws, and leaves what the store has")
    func failingAppends() async throws {
        let one = try cluster.node()
        try await one.setValue("old", forKey: 1)
        cluster.log.setDown(true)
        for change in [
            { try await one.setValue("new", forKey: 1) }, { try await one.removeAll(tagged: "x") },
            { try await one.removeValue(forKey: 2) },
        ] {
            let error = try #require(await #expect(throws: CacheError.self) { try await change() })
            #expect(error.code == .logUnavailable)
        }
        #expect(try await one.value(forKey: 1) == "old")
        let error = await #expect(throws: CacheError.self) { try await one.removeAll() }
        #expect(error?.code == .logUnavailable)
        #expect(try await one.value(forKey: 1) == nil)
        cluster.log.setDown(false)
        try await one.setValue("new", forKey: 1)
        #expect(try await cluster.node().value(forKey: 1) == "new")
    }

    @Test("the first read waits for the log no longer than for the store")
    func deadLog() async throws {
        cluster.log.setDown(true)
        let one = try cluster.node()
        let read = Task { try await one.value(forKey: 1) { _ in "loaded" } }
        await cluster.clock.waitForSleepers(1)
        let isOver = Counter()
        let end = Task {
            _ = try await read.value
            isOver.add()
        }
        while isOver.value == 0 {
            cluster.clock.advance(by: .milliseconds(50))
            for _ in 0..<20 { await Task.yield() }
            guard cluster.clock.now.offset < .seconds(10) else { break }
        }
        #expect(isOver.value == 1)
        #expect(cluster.clock.now.offset < .seconds(2))
        end.cancel()
        #expect(try await read.value == "loaded")
    }
}

@Suite("Caches without a shared log", .timeLimit(.minutes(10))) struct PrivateLogTests {
    private let cluster = Cluster()

    @Test("a tag is removed from memory and from the store", arguments: [true, false])
    func tags(hasStore: Bool) async throws {
        let one = try cluster.node(hasStore: hasStore, hasLog: false)
        _ = try await one.read(1, "old", tags: ["x"])
        _ = try await one.read(2, "untouched", tags: ["y"])
        try await one.removeAll(tagged: "x")
        #expect(try await one.value(forKey: 1) == nil)
        #expect(one.cachedValue(forKey: 2) == "untouched")
        if hasStore {
            let later = try cluster.node(hasLog: false)
            #expect(try await later.value(forKey: 1) == nil)
            #expect(try await later.value(forKey: 2) == "untouched")
        }
    }

    @Test("an invalidation by tag says so if the store could not be looked through")
    func unreadableStore() async throws {
        let faulty = FaultyStore(wrapping: cluster.store, clock: cluster.clock, boundsItsLatency: true)
        let one = try cluster.node(hasLog: false, store: faulty)
        _ = try await one.read(1, "old", tags: ["x"])
        faulty.fail(.always, of: [.read, .bury])
        let error = await #expect(throws: CacheError.self) { try await one.removeAll(tagged: "x") }
        #expect(error?.code == .storeUnavailable)
        faulty.heal()
        #expect(try await one.value(forKey: 1) == nil)
    }

    @Test("a cache that is out of the way still tells the others of a removal")
    func passThrough() async throws {
        let (one, other) = (try cluster.node(), try cluster.node())
        _ = try await other.read(1, "old")
        one.isPassThrough = true
        try await one.removeValue(forKey: 1)
        await until { other.cachedValue(forKey: 1) == nil }
        #expect(try await other.value(forKey: 1) == nil)
    }
}
