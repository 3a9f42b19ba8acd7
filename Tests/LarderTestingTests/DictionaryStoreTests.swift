import Larder
import LarderTesting
import Synchronization
import Testing

@Suite("DictionaryStore")
struct DictionaryStoreTests {
    @Test("keeps the promises of a store", arguments: RemoteStoreConformance.checks)
    func conformance(check: RemoteStoreConformance.Check) async throws {
        try await check.run { .dictionary() }
    }

    @Test("counts live entries")
    func count() async throws {
        let subject = RemoteStoreConformance.StoreUnderTest.dictionary()
        let store = try #require(subject.store as? DictionaryStore)
        try await store.setValue([1], forKey: StoreKey("a"), timeToLive: .seconds(1))
        try await store.setValue([1], forKey: StoreKey("b"), timeToLive: .seconds(2))
        #expect(store.count == 2)
        try await subject.advanceTime(.seconds(1))
        #expect(store.count == 1)
    }

    @Test("takes its time from a clock")
    func clock() async throws {
        let store = DictionaryStore(clock: ContinuousClock())
        try await store.setValue([1], forKey: StoreKey("a"), timeToLive: .seconds(600))
        let life = try #require(try await store.value(forKey: StoreKey("a"))).remainingLife
        #expect(life <= .seconds(600) && life > .seconds(500))
    }
}

extension RemoteStoreConformance.StoreUnderTest {
    /// A store in memory with a time of its own, perhaps with another store around it.
    static func dictionary(
        _ wrap: (DictionaryStore) -> any RemoteStore = { $0 }
    ) -> RemoteStoreConformance.StoreUnderTest {
        let time = ManualTime()
        return .init(store: wrap(DictionaryStore { time.now })) { time.advance(by: $0) }
    }
}

/// A time that stands still until it is moved.
final class ManualTime: Sendable {
    private let elapsed = Mutex(Duration.zero)

    var now: Duration { elapsed.withLock { $0 } }

    func advance(by duration: Duration) {
        elapsed.withLock { $0 += duration }
    }
}
