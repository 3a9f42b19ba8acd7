import Larder
import LarderRedis
import LarderTesting
import RESP
import Testing

@Suite("Programs that write without Larder", .enabled(if: RedisServer.isInstalled), .timeLimit(.minutes(10)))
struct ForeignChangesTests {
    private static let long = Duration.seconds(3_600)

    private func cache(on server: RedisServer, isTracking: Bool = true) throws -> TieredCache<Int, String> {
        var configuration = CacheSystem.Configuration()
        configuration.storeTimeout = Self.long
        configuration.storeBreaker = nil
        let policy = CachePolicy(timeToLive: Self.long, grace: .zero, jitter: 0, hardTimeout: Self.long)
        return try CacheSystem(
            store: RedisStore(on: server) { $0.tracksOtherPrograms = isTracking },
            configuration: configuration
        )
        .cache(CacheNamespace("values", policy: policy))
    }

    private func name(_ key: Int) -> RESPArgument { .text("larder:larder:values:\(key)") }

    /// Reads until memory keeps the value, which it does once changes are observed.
    private func warm(_ cache: TieredCache<Int, String>, _ keys: ClosedRange<Int>) async throws {
        for key in keys {
            while cache.cachedValue(forKey: key) == nil {
                _ = try await cache.value(forKey: key) { _ in "old" }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    private func untilForgotten(_ cache: TieredCache<Int, String>, _ key: Int) async throws {
        while cache.cachedValue(forKey: key) != nil { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test("what another program writes or removes leaves memory, and what this one writes does not")
    func changes() async throws {
        let server = try await RedisServer.start()
        let cache = try cache(on: server)
        try await warm(cache, 1...3)
        let names = try await server.execute(RESPCommand("KEYS", "*")).elements?.compactMap(\.string).sorted()
        try #require(names == (1...3).map { "larder:larder:values:\($0)" }, "\(names ?? [])")
        try await server.execute(RESPCommand("DEL", name(1)))
        try await untilForgotten(cache, 1)
        #expect(try await cache.value(forKey: 1) { _ in "new" } == "new")
        try await cache.setValue("set", forKey: 2)
        try await server.execute(RESPCommand("SET", name(3), "something else"))
        // The server tells in order: by now it has told of all the writes of this process.
        try await untilForgotten(cache, 3)
        #expect(cache.cachedValue(forKey: 1) == "new")
        #expect(cache.cachedValue(forKey: 2) == "set")
        #expect(try await cache.value(forKey: 3) { _ in "loaded" } == "loaded")
    }

    @Test("a server that was emptied, and a connection that was lost, empty memory, which fills again")
    func losses() async throws {
        let server = try await RedisServer.start()
        let cache = try cache(on: server)
        for loss in [RESPCommand("FLUSHALL"), RESPCommand("CLIENT", "KILL", "TYPE", "normal")] {
            try await warm(cache, 1...3)
            _ = try await server.execute(loss)
            for key in 1...3 { try await untilForgotten(cache, key) }
        }
        try await warm(cache, 1...3)
        server.kill()
        for key in 1...3 { try await untilForgotten(cache, key) }
        try await server.start()
        try await warm(cache, 1...3)
    }

    @Test("another process with Larder is told of as well")
    func otherProcesses() async throws {
        let server = try await RedisServer.start()
        let (one, other) = (try cache(on: server), try cache(on: server, isTracking: false))
        try await warm(one, 1...1)
        try await other.setValue("new", forKey: 1)
        try await untilForgotten(one, 1)
        #expect(try await one.value(forKey: 1) { _ in "" } == "new")
    }

    @Test(
        "a server that cannot tell is refused",
        arguments: [
            { $0.cluster = RESPClusterOptions() }, { $0.connection.protocolVersion = 2 }, { $0.keyPrefix = "" },
        ] as [@Sendable (inout RedisStore.Configuration) -> Void]
    )
    func configuration(_ fault: @Sendable (inout RedisStore.Configuration) -> Void) {
        var configuration = RedisStore.Configuration()
        configuration.tracksOtherPrograms = true
        fault(&configuration)
        let refusal = #expect(throws: RedisStoreError.self) { _ = try RedisStore(configuration: configuration) }
        #expect(refusal?.code == .invalidConfiguration)
    }
}
