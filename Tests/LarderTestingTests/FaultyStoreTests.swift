import Larder
import LarderTesting
import Testing

@Suite("FaultyStore")
struct FaultyStoreTests {
    private let inner = DictionaryStore()
    private let store: FaultyStore
    private let key = StoreKey("key")

    init() {
        store = FaultyStore(wrapping: inner, seed: 7)
    }

    @Test("keeps the promises of a store as long as no fault is asked for", arguments: RemoteStoreConformance.checks)
    func conformance(check: RemoteStoreConformance.Check) async throws {
        try await check.run { .dictionary { FaultyStore(wrapping: $0) } }
    }

    @Test("fails the next calls of a kind, and no others")
    func failNext() async throws {
        struct Broken: Error, Equatable {}
        store.fail(.next(2), of: .read, with: Broken())
        try await store.setValue([1], forKey: key, timeToLive: .seconds(60))
        await #expect(throws: Broken()) { try await store.value(forKey: key) }
        await #expect(throws: Broken()) { try await store.values(forKeys: [key]) }
        #expect(try await store.value(forKey: key)?.bytes == [1])
        #expect(store.calls(of: .read) == 3)
        #expect(store.calls(of: .write) == 1)
        #expect(store.calls(of: [.read, .write]) == 4)
        #expect(store.calls(of: .all) == 4)
    }

    @Test("fails before or after the effect")
    func moments() async throws {
        store.fail(.next(1), of: .write)
        await #expect(throws: FaultyStore.InjectedFailure.self) {
            try await store.setValue([1], forKey: key, timeToLive: .seconds(60))
        }
        #expect(try await inner.value(forKey: key) == nil)
        store.fail(.next(1), of: .write, .afterEffect)
        await #expect(throws: FaultyStore.InjectedFailure.self) {
            try await store.setValue([2], forKey: key, timeToLive: .seconds(60))
        }
        #expect(try await inner.value(forKey: key)?.bytes == [2])
    }

    @Test("takes a fill for a write and a burial for a removal, and can tell them apart")
    func fillsAndBurials() async throws {
        let fill = StoreFill(StoreWrite(key: key, bytes: [1], timeToLive: .seconds(60)), over: .vacant)
        store.fail(.next(1), of: .write, .afterEffect)
        await #expect(throws: FaultyStore.InjectedFailure.self) { try await store.fill([fill]) }
        #expect(try await inner.value(forKey: key) != nil)
        store.fail(.next(1), of: .fill)
        try await store.setValue([2], forKey: key, timeToLive: .seconds(60))
        await #expect(throws: FaultyStore.InjectedFailure.self) { try await store.fill([fill]) }
        store.interrupt(.next(1), afterElements: 0)
        await #expect(throws: FaultyStore.InjectedFailure.self) { try await store.bury([key], for: .seconds(60)) }
        store.lose(.next(1))
        #expect(try await store.slots(forKeys: [key]) == [.vacant])
        try await store.bury([key], for: .seconds(60))
        #expect(try await store.slots(forKeys: [key])[0].isTombstone)
        #expect(store.calls(of: .write) == 3)
        #expect(store.calls(of: .fill) == 2)
        #expect(store.calls(of: .remove) == 2)
        #expect(store.calls(of: .delete) == 0)
    }

    @Test("fails always until it is healed")
    func heal() async throws {
        store.fail(.always)
        for _ in 0..<10 {
            await #expect(throws: FaultyStore.InjectedFailure.self) { try await store.removeValue(forKey: key) }
            await #expect(throws: FaultyStore.InjectedFailure.self) {
                try await store.keys(withPrefix: key, after: nil, limit: 1)
            }
            await #expect(throws: FaultyStore.InjectedFailure.self) { try await store.removeAll(withPrefix: key) }
        }
        store.heal()
        #expect(try await store.removeValue(forKey: key) == false)
        #expect(store.calls(of: .remove) == 11)
    }

    @Test("takes the same chances for the same seed")
    func seeds() async {
        func outcomes(seed: UInt64) async -> [Bool] {
            let store = FaultyStore(wrapping: inner, seed: seed)
            store.fail(.probability(0.5), of: .read)
            var outcomes: [Bool] = []
            for _ in 0..<100 {
                let values = try? await store.values(forKeys: [key])
                outcomes.append(values != nil)
            }
            return outcomes
        }
        let first = await outcomes(seed: 1)
        #expect(await outcomes(seed: 1) == first)
        #expect(await outcomes(seed: 2) != first)
        #expect((20...80).contains(first.count { $0 }))
        #expect(store.description == "FaultyStore(seed: 7)")
    }

    @Test("never strikes with a probability of 0, and always with 1")
    func probabilityBounds() async throws {
        store.fail(.probability(0), of: .read)
        store.fail(.probability(1), of: .write)
        for _ in 0..<50 {
            #expect(try await store.value(forKey: key) == nil)
            await #expect(throws: FaultyStore.InjectedFailure.self) { try await store.setValues([]) }
        }
    }

    @Test("interrupts a batch after some of its elements")
    func interrupt() async throws {
        let keys = ["a", "b", "c"].map { StoreKey($0) }
        store.interrupt(.next(1), of: .write, afterElements: 2)
        await #expect(throws: FaultyStore.InjectedFailure.self) {
            try await store.setValues(keys.map { StoreWrite(key: $0, bytes: [1], timeToLive: .seconds(60)) })
        }
        #expect(try await inner.values(forKeys: keys).map { $0 != nil } == [true, true, false])
        store.interrupt(.next(1), of: .remove, afterElements: 1)
        await #expect(throws: FaultyStore.InjectedFailure.self) { try await store.removeValues(forKeys: keys) }
        #expect(try await inner.values(forKeys: keys).map { $0 != nil } == [false, true, false])
    }

    @Test("loses some keys of a read")
    func lose() async throws {
        let keys = ["a", "b"].map { StoreKey($0) }
        try await store.setValues(keys.map { StoreWrite(key: $0, bytes: [1], timeToLive: .seconds(60)) })
        store.lose(.next(2)) { $0 == keys[0] }
        #expect(try await store.values(forKeys: keys).map { $0 != nil } == [false, true])
        #expect(try await store.value(forKey: keys[0]) == nil)
        #expect(try await store.value(forKey: keys[0]) != nil)
    }

    @Test("corrupts what is read, and not what is stored")
    func corrupt() async throws {
        let bytes: [UInt8] = [1, 2, 3, 4]
        try await store.setValue(bytes, forKey: key, timeToLive: .seconds(60))
        store.corrupt(.next(1))
        let flipped = try #require(try await store.value(forKey: key)).bytes
        let differences = zip(bytes, flipped).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
        #expect(differences == 1)
        store.corrupt(.next(1)) { Array($0.dropLast()) }
        #expect(try await store.value(forKey: key)?.bytes == [1, 2, 3])
        #expect(try await store.value(forKey: key)?.bytes == bytes)
    }

    @Test("delays by the clock it was given")
    func delay() async throws {
        let clock = InstantClock()
        let store = FaultyStore(wrapping: inner, clock: clock)
        store.delay(.next(2), of: .read, by: .seconds(3_600))
        for _ in 0..<3 { _ = try await store.value(forKey: key) }
        #expect(clock.slept == .seconds(7_200))
    }

    @Test("hangs until it is released")
    func hang() async throws {
        try await store.setValue([1], forKey: key, timeToLive: .seconds(60))
        store.hang(.read)
        async let first = store.value(forKey: key)
        async let second = store.values(forKeys: [key])
        await store.waitUntilHanging(2)
        try await store.setValue([2], forKey: key, timeToLive: .seconds(60))
        store.release(.read)
        #expect(try await first?.bytes == [2])
        #expect(try await second.map { $0?.bytes } == [[2]])
        #expect(try await store.value(forKey: key)?.bytes == [2])
    }

    @Test("a hanging call ends with its task, unless it was told not to")
    func hangAndCancel() async throws {
        store.hang(.read)
        let heeding = Task { try await store.value(forKey: key) }
        await store.waitUntilHanging()
        heeding.cancel()
        await #expect(throws: CancellationError.self) { try await heeding.value }

        store.hang(.read, heedsCancellation: false)
        let ignoring = Task { try await store.value(forKey: key) }
        await store.waitUntilHanging()
        ignoring.cancel()
        await store.waitUntilHanging()
        store.release()
        #expect(try await ignoring.value == nil)
    }

    @Test("a task that was cancelled before its call does not hang")
    func cancelledBefore() async throws {
        store.hang(.read)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await store.value(forKey: key)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("a shutdown releases what hangs")
    func shutdown() async throws {
        store.hang(.read)
        let task = Task { try await store.value(forKey: key) }
        await store.waitUntilHanging()
        await store.shutdown()
        await #expect(throws: DictionaryStore.Refusal.self) { try await task.value }
    }

    @Test("says what it was told to say about its latency")
    func latency() {
        #expect(!store.boundsItsLatency)
        #expect(FaultyStore(wrapping: inner, boundsItsLatency: true).boundsItsLatency)
    }
}

/// A clock whose sleeps end at once.
private final class InstantClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let time = ManualTime()

    var slept: Duration { time.now }
    var now: Instant { Instant(offset: time.now) }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        time.advance(by: now.duration(to: deadline))
    }
}
