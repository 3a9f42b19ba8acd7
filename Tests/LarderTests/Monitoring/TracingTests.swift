import InMemoryTracing
import Larder
import LarderTesting
import Testing
import Tracing

@Suite(.timeLimit(.minutes(10))) struct TracingTests {
    private let tracer = InMemoryTracer()

    private func cache() throws -> TieredCache<Int, String> {
        try CacheSystem(store: DictionaryStore(), tracer: tracer).cache(CacheNamespace("values"))
    }

    @Test("a miss makes a span of the read, and below it one of the store and one of the load")
    func miss() async throws {
        let cache = try cache()
        _ = try await cache.value(forKey: 1) { _ in
            withSpanOfLoader()
            return "one"
        }
        let spans = Dictionary(uniqueKeysWithValues: tracer.finishedSpans.map { ($0.operationName, $0) })
        #expect(spans.keys.sorted() == ["larder.load", "larder.read", "larder.store.read", "loader"])
        let read = try #require(spans["larder.read"])
        #expect(read.parentSpanID == nil)
        #expect(spans["larder.store.read"]?.parentSpanID == read.spanID)
        #expect(spans["larder.store.read"]?.kind == .client)
        #expect(spans["larder.load"]?.parentSpanID == read.spanID)
        #expect(spans["loader"]?.parentSpanID == spans["larder.load"]?.spanID)
        for span in spans.values where span.operationName != "loader" {
            #expect(span.attributes["db.collection.name"]?.toSpanAttribute() == .string("values"))
        }
        #expect(read.attributes["larder.source"]?.toSpanAttribute() == .string("origin"))
        #expect(read.attributes["larder.miss_reason"]?.toSpanAttribute() == .string("cold"))
    }

    private func withSpanOfLoader() { tracer.withSpan("loader") { _ in } }

    @Test("a hit makes no span unless it is asked to")
    func hits() async throws {
        let cache = try cache()
        try await cache.setValue("one", forKey: 1)
        tracer.clearAll()
        _ = try await cache.value(forKey: 1) { _ in "" }
        _ = cache.cachedValue(forKey: 1)
        _ = try await cache.values(forKeys: [1]) { _ in [:] }
        #expect(tracer.finishedSpans.isEmpty)
        #expect(try await cache.value(forKey: 1, options: .traced) { _ in "" } == "one")
        _ = try await cache.values(forKeys: [1], options: .traced) { _ in [:] }
        // All of the bulk read was answered by memory before there was anything to wait for.
        #expect(tracer.finishedSpans.map(\.operationName) == ["larder.read"])
        #expect(tracer.finishedSpans[0].attributes["larder.source"]?.toSpanAttribute() == .string("memory"))
        #expect(cache.statistics.memoryHits == 5)
        #expect(cache.statistics.misses == 0)
    }

    @Test("a load that fails marks its span and that of the read, and the next one is not disturbed")
    func failure() async throws {
        let cache = try cache()
        await #expect(throws: Origin.Down.self) { _ = try await cache.value(forKey: 1) { _ in throw Origin.Down() } }
        let failed = tracer.finishedSpans.filter { $0.status?.code == .error }
        #expect(failed.map(\.operationName).sorted() == ["larder.load", "larder.read"])
        #expect(failed.allSatisfy { $0.attributes["error.type"]?.toSpanAttribute() == .string("Down") })
        #expect(tracer.activeSpans.isEmpty)
    }

    @Test("a write, a removal and an invalidation make a span each, which tells if it failed")
    func changes() async throws {
        let store = FaultyStore(wrapping: DictionaryStore(clock: ManualClock()))
        let cache = try CacheSystem(store: store, tracer: tracer).cache(CacheNamespace<Int, String>("values"))
        try await cache.setValues([1: "one", 2: "two"])
        try await cache.removeValue(forKey: 1)
        try await cache.removeAll(tagged: "some")
        try await cache.removeAll()
        // An invalidation by tag looks at what the store has, in spans below its own.
        let spans = tracer.popFinishedSpans().filter { $0.kind == .internal }
        #expect(
            spans.map(\.operationName) == ["larder.write", "larder.remove", "larder.invalidate", "larder.invalidate"]
        )
        #expect(spans[0].attributes["db.operation.batch.size"]?.toSpanAttribute() == .int64(2))
        #expect(spans.allSatisfy { $0.status?.code != .error })
        store.fail(.always)
        await #expect(throws: CacheError.self) { try await cache.removeValue(forKey: 2) }
        #expect(tracer.popFinishedSpans().map { $0.status?.code } == [.error])
    }

    @Test("loads in the background, and reads of several keys, have their spans too")
    func backgroundAndBulk() async throws {
        let system = try CacheSystem(tracer: tracer)
        let cache = try system.cache(CacheNamespace<Int, String>.inMemory("values")) { "\($0)" }
        _ = try await cache.value(forKey: 1)
        #expect(tracer.popFinishedSpans().map(\.operationName) == ["larder.load", "larder.read"])
        _ = try await cache.cache.values(forKeys: [1, 2, 3]) { keys in
            Dictionary(uniqueKeysWithValues: keys.map { ($0, "\($0)") })
        }
        let spans = tracer.popFinishedSpans()
        #expect(spans.map(\.operationName) == ["larder.load", "larder.read"])
        #expect(spans[1].attributes["db.operation.batch.size"]?.toSpanAttribute() == .int64(2))
    }
}
