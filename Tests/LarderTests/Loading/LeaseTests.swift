import Larder
import LarderTesting
import MemoryCache
import Testing

/// Loads of several processes, as far as a test can tell: systems that share a store, a log and leases.
@Suite("Leases of loads", .timeLimit(.minutes(10))) struct LeaseTests {
    private let clock = ManualClock()
    private let store: DictionaryStore
    private let log: LocalInvalidationLog
    private let leases: DictionaryLeases
    private let loads = Counter()
    private let held = Latch()

    init() {
        store = DictionaryStore(clock: clock)
        log = LocalInvalidationLog(clock: clock)
        leases = DictionaryLeases(clock: clock)
    }

    private func node(
        _ policy: CachePolicy = exact(),
        _ change: (inout LeaseRules) -> Void = { _ in }
    ) throws -> TieredCache<Int, String> {
        var namespace = CacheNamespace<Int, String>("values", policy: policy)
        var rules = LeaseRules()
        change(&rules)
        namespace.leases = rules
        return try CacheSystem(store: store, log: log, leases: leases, clock: clock).cache(namespace)
    }

    /// Reads a key, whose load waits until it is let go on.
    private func read(_ cache: TieredCache<Int, String>, _ key: Int = 1) async throws -> CacheResult<String> {
        try await cache.result(forKey: key) { _, _ in
            loads.add()
            let number = loads.value
            try await held.wait()
            return .value("value \(number)")
        }
    }

    @Test("of the processes that miss a key at once one loads it, and the others get its value from the store")
    func oneLoad() async throws {
        let nodes = try (0..<4).map { _ in try node() }
        try await withThrowingTaskGroup(of: CacheResult<String>.self) { group in
            for node in nodes { group.addTask { try await read(node) } }
            await until { loads.value == 1 && leases.waiting == 3 }
            held.open()
            for try await answer in group { #expect(answer.value == "value 1" && !answer.isStale) }
        }
        #expect(loads.value == 1)
        await until { leases.held == 0 }
    }

    @Test("when the word of the release is lost, those who wait find the value by looking")
    func polling() async throws {
        let lease = try #require(await leases.acquire(try storeKey(1), for: .seconds(1_000)))
        let (one, other) = (try node(), try node())
        async let answer = read(one)
        await until { leases.waiting == 1 }
        try await other.setValue("written", forKey: 1)
        clock.advance(by: .milliseconds(100))
        #expect(try await answer.value == "written")
        #expect(loads.value == 0)
        await leases.release(lease)
    }

    @Test("a process waits for a holder that died no longer than its patience, and then loads")
    func deadHolder() async throws {
        _ = try await leases.acquire(try storeKey(1), for: .seconds(1_000))
        let cache = try node { $0.patience = .milliseconds(250) }
        held.open()
        let start = clock.now
        async let answer = read(cache)
        while loads.value == 0 {
            clock.advance(by: .milliseconds(1))
            await Task.yield()
        }
        #expect(start.duration(to: clock.now) >= .milliseconds(250))
        #expect(try await answer.value == "value 1")
    }

    @Test("a lease ends at its longest life, and the next one loads")
    func life() async throws {
        let lost = try #require(await leases.acquire(try storeKey(1), for: .milliseconds(50)))
        let cache = try node { $0.maximumLife = .seconds(3) }
        held.open()
        async let answer = read(cache)
        await until { leases.waiting == 1 }
        clock.advance(by: .milliseconds(100))
        #expect(try await answer.source == .origin)
        // Who comes late does not take the lease from another.
        let next = try #require(await leases.acquire(try storeKey(2), for: .seconds(3)))
        await leases.release(LoadLease(key: next.key, token: lost.token))
        #expect(try await leases.acquire(try storeKey(2), for: .seconds(3)) == nil)
    }

    @Test("a stale copy is served while another process loads", arguments: [true, false])
    func stale(servesStale: Bool) async throws {
        let cache = try node(exact(grace: .seconds(600))) { $0.servesStale = servesStale }
        held.open()
        #expect(try await read(cache).value == "value 1")
        await until { leases.held == 0 }
        clock.advance(by: .seconds(61))
        let lease = try #require(await leases.acquire(try storeKey(1), for: .seconds(1_000)))
        async let answer = read(cache)
        if servesStale {
            let answer = try await answer
            #expect(answer.value == "value 1" && answer.isStale && loads.value == 1)
        } else {
            await until { leases.waiting == 1 }
            await leases.release(lease)
            let answer = try await answer
            #expect(answer.value == "value 2" && !answer.isStale)
        }
    }

    @Test("a lease is given back when the load fails, and when its task is cancelled", arguments: [true, false])
    func release(isCancelled: Bool) async throws {
        let cache = try node()
        let task = Task {
            try await cache.value(forKey: 1) { _ in
                loads.add()
                if !isCancelled { throw Origin.Down() }
                try await Task.sleep(for: .seconds(3_600))
                return "never"
            }
        }
        await until { loads.value == 1 }
        if isCancelled { task.cancel() }
        await #expect(throws: (any Error).self) { _ = try await task.value }
        await until { leases.held == 0 }
        held.open()
        #expect(try await read(cache).source == .origin)
    }

    @Test("where leases cannot be had, keys are loaded without")
    func unavailable() async throws {
        leases.setDown(true)
        held.open()
        #expect(try await read(try node()).value == "value 1")
    }

    @Test("a value that was invalidated while another process loaded it is loaded anew, and not taken")
    func invalidation() async throws {
        let (one, other) = (try node(), try node())
        async let first = read(one)
        await until { loads.value == 1 }
        async let second = read(other)
        await until { leases.waiting == 1 }
        try await other.removeValue(forKey: 1)
        held.open()
        _ = try await (first, second)
        let answers = [try await read(one).value, try await read(other).value]
        #expect(answers[0] != "value 1" && answers[0] == answers[1], "\(answers)")
    }

    @Test("namespaces without leases ask for none")
    func without() async throws {
        let system = try CacheSystem(store: store, log: log, leases: leases, clock: clock)
        held.open()
        #expect(try await read(try system.cache(CacheNamespace("values", policy: exact()))).value == "value 1")
        #expect(leases.acquired == 0)
    }

    @Test("leases without a provider or a store, and rules out of range, are refused")
    func configuration() throws {
        var namespace = CacheNamespace<Int, String>("values")
        namespace.leases = LeaseRules()
        #expect(throws: CacheError.self) { _ = try CacheSystem(store: store).cache(namespace) }
        #expect(throws: CacheError.self) { _ = try CacheSystem(leases: leases).cache(namespace) }
        namespace.leases?.pollInterval = .zero
        #expect(throws: CacheError.self) { _ = try CacheSystem(store: store, leases: leases).cache(namespace) }
    }

    private func storeKey(_ key: Int) throws -> StoreKey {
        let cache = try CacheSystem(store: store, clock: clock).cache(CacheNamespace<Int, String>("values"))
        guard case .keys(let keys) = try cache.invalidation(ofKeys: [key])[0].target else { throw Origin.Down() }
        return keys[0]
    }
}
