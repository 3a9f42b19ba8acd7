import Larder
import LarderRedis
import LarderTesting
import Logging
import RESP
import Testing

@Suite("What a RedisStore does besides", .enabled(if: RedisServer.isInstalled))
struct RedisStoreTests {
    private func connect(_ server: RedisServer) throws -> RESPConnection {
        try RESPConnection(.patient(url: server.url), logger: Logger(label: "test"))
    }

    private func value(of size: Int) -> [UInt8] { (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) } }

    @Test("values around the border between small and large ones come back whole")
    func borderOfLargeValues() async throws {
        let server = try await RedisServer.start()
        let store = try RedisStore(on: server) { $0.largeValueBytes = 1_024 }
        for size in [0, 1, 1_014, 1_015, 1_016, 1_024, 100_000] {
            let key = StoreKey("value:\(size)")
            try await store.setValue(value(of: size), forKey: key, timeToLive: .seconds(60))
            #expect(try await store.value(forKey: key)?.bytes == value(of: size), "a value of \(size) bytes")
        }
        await store.shutdown()
    }

    @Test("large values and batches travel on the second connection, small ones on the first")
    func connections() async throws {
        let server = try await RedisServer.start()
        let store = try RedisStore(on: server)
        try await store.setValue(value(of: 100), forKey: StoreKey("small"), timeToLive: .seconds(60))
        try await store.setValue(value(of: 1 << 20), forKey: StoreKey("large"), timeToLive: .seconds(60))
        _ = try await store.value(forKey: StoreKey("large"))
        let observer = try connect(server)
        let clients = try await observer.execute(RESPCommand("CLIENT", "LIST", "TYPE", "normal")).string ?? ""
        let last = clients.split(separator: "\n").compactMap { line in line.firstMatch(of: /cmd=(\w+)/)?.1 }
        #expect(last.sorted() == ["client", "getrange", "mget"])
        await observer.close()
        await store.shutdown()
    }

    @Test("entries of other programs are neither seen nor removed")
    func foreignEntries() async throws {
        let server = try await RedisServer.start()
        let store = try RedisStore(on: server)
        let other = try RedisStore(on: server) { $0.keyPrefix = "other:" }
        let observer = try connect(server)
        _ = try await observer.execute(RESPCommand("SET", "foreign", "1"))
        // A key of ours without an end was not written by a store.
        _ = try await observer.execute(RESPCommand("SET", "larder:endless", "E12345678value"))
        _ = try await observer.execute(RESPCommand("SET", "larder:other", "value", "EX", 60))
        for store in [store, other] { try await store.setValue([1], forKey: StoreKey("key"), timeToLive: .seconds(60)) }
        #expect(try await store.value(forKey: StoreKey("endless")) == nil)
        #expect(try await store.slots(forKeys: ["endless", "other"].map { StoreKey($0) }) == [.vacant, .vacant])
        #expect(try await store.removeAll(withPrefix: StoreKey("")) == 2)
        #expect(try await observer.execute(RESPCommand("GET", "larder:other")).string == "value")
        #expect(try await other.value(forKey: StoreKey("key"))?.bytes == [1])
        #expect(try await observer.execute(RESPCommand("GET", "foreign")).string == "1")
        await observer.close()
        await store.shutdown()
        await other.shutdown()
    }

    @Test("a removal by prefix looks at the keys in steps, never at all of them at once")
    func steps() async throws {
        let server = try await RedisServer.start()
        let store = try RedisStore(on: server) { $0.scanStep = 100 }
        let writes = (0..<5_000).map { StoreWrite(key: StoreKey("k:\($0)"), bytes: [1], timeToLive: .seconds(60)) }
        try await store.setValues(writes)
        #expect(try await store.removeAll(withPrefix: StoreKey("k:1")) == 1_111)
        let observer = try connect(server)
        let commands = try await observer.execute(RESPCommand("INFO", "commandstats")).string ?? ""
        #expect(!commands.contains("cmdstat_keys"))
        let scans = commands.firstMatch(of: /cmdstat_scan:calls=(\d+)/).flatMap { Int($0.1) } ?? 0
        #expect(scans >= 5_000 / 100)
        await observer.close()
        await store.shutdown()
    }

    @Test("entries beyond the limit, and lives that are over, are refused")
    func refusals() async throws {
        let server = try await RedisServer.start()
        let store = try RedisStore(on: server) { $0.maximumEntryBytes = 1_024 }
        let key = StoreKey("key")
        try await store.setValue(value(of: 1_021), forKey: key, timeToLive: .seconds(60))
        await #expect { try await store.setValue(value(of: 1_022), forKey: key, timeToLive: .seconds(60)) } throws: {
            ($0 as? RedisStoreError)?.code == .valueTooLarge
        }
        for life in [Duration.zero, .seconds(-1)] {
            await #expect { try await store.setValue([1], forKey: key, timeToLive: life) } throws: {
                ($0 as? RedisStoreError)?.code == .invalidTimeToLive
            }
        }
        try await store.setValue([1], forKey: key, timeToLive: .nanoseconds(1))
        try await store.setValue([1], forKey: StoreKey("long"), timeToLive: .seconds(Int64.max))
        #expect((try await store.value(forKey: StoreKey("long"))?.remainingLife ?? .zero) > .seconds(90_000_000_000))
        await store.shutdown()
    }

    @Test("a batch larger than what may wait is written in pieces")
    func largeBatches() async throws {
        let server = try await RedisServer.start()
        let store = try RedisStore(on: server) { $0.connection.maximumPendingBytes = 9 << 20 }
        let bytes = value(of: 1 << 20)
        let writes = (0..<20).map { StoreWrite(key: StoreKey("\($0)"), bytes: bytes, timeToLive: .seconds(60)) }
        try await store.setValues(writes)
        #expect(try await store.values(forKeys: writes.map(\.key)).allSatisfy { $0?.bytes == bytes })
        await store.shutdown()
    }

    @Test("a restart of the server fails no call")
    func restart() async throws {
        let server = try await RedisServer.start()
        let store = try RedisStore(on: server)
        let key = StoreKey("key")
        try await store.setValue([1], forKey: key, timeToLive: .seconds(60))
        server.kill()
        let read = Task { try await store.value(forKey: key) }
        let write = Task { try await store.setValues([StoreWrite(key: key, bytes: [2], timeToLive: .seconds(60))]) }
        try await server.start()
        _ = try await read.value
        try await write.value
        #expect(try await store.value(forKey: key)?.bytes == [2])
        await store.shutdown()
    }

    @Test("a server that hangs costs a call its timeout")
    func hangingServer() async throws {
        let server = try await RedisServer.start()
        let store = try RedisStore(on: server) { $0.connection.timeout = .milliseconds(50) }
        #expect(store.boundsItsLatency)
        server.suspend()
        for _ in 0..<2 {
            await #expect { try await store.value(forKey: StoreKey("key")) } throws: {
                ($0 as? RESPError)?.code == .timedOut
            }
        }
        server.resume()
        await store.shutdown()
    }

    @Test("a server tells its room, and whether it may give up tombstones")
    func serverStatistics() async throws {
        let server = try await RedisServer.start(options: ["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"])
        let store = try RedisStore(on: server)
        let statistics = try await store.serverStatistics()[0]
        #expect(statistics.usedBytes > 0)
        #expect(statistics.maximumBytes == 64 << 20)
        #expect(statistics.evictionPolicy == "allkeys-lru")
        #expect(statistics.evictedKeys == 0)
        #expect(statistics.mayEvictTombstones)
        await store.shutdown()
    }

    @Test("settings out of their range are refused")
    func configuration() {
        for change: (inout RedisStore.Configuration) -> Void in [
            { $0.maximumEntryBytes = 1_023 }, { $0.largeValueBytes = 0 }, { $0.scanStep = 0 },
            { $0.connection.maximumReplyBytes = 4 << 20 },
        ] {
            #expect { try RedisStore(url: "redis://127.0.0.1:1", change) } throws: {
                ($0 as? RedisStoreError)?.code == .invalidConfiguration
            }
        }
        #expect { try RedisStore(url: "redis://127.0.0.1:1") { $0.connection.timeout = .zero } } throws: {
            ($0 as? RESPError)?.code == .invalidConfiguration
        }
    }
}
