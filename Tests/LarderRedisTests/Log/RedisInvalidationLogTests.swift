import Larder
import LarderRedis
import LarderTesting
import RESP
import Testing

@Suite("RedisInvalidationLog", .enabled(if: RedisServer.isInstalled))
struct RedisInvalidationLogTests {
    /// One for all checks, each of which has a log of its own.
    private static let server = Task { try await RedisServer.start() }

    private let record = InvalidationRecord(.tags(["a"]), in: "n")

    @Test("keeps the promises of a log", arguments: InvalidationLogConformance.checks, [2, 3])
    func conformance(check: InvalidationLogConformance.Check, protocolVersion: Int) async throws {
        let server = try await Self.server.value
        let name = "log \(UInt64.random(in: 0...UInt64.max))"
        try await check.run { limit in
            let open: @Sendable () throws -> RedisInvalidationLog = {
                try RedisInvalidationLog(on: server) {
                    $0.name = name
                    $0.maximumRecords = limit
                    $0.connection.protocolVersion = protocolVersion
                }
            }
            return .init(log: try open(), openAnother: { try open() })
        }
    }

    @Test("logs of other names know nothing of each other")
    func names() async throws {
        let server = try await RedisServer.start()
        let log = try RedisInvalidationLog(on: server)
        let other = try RedisInvalidationLog(on: server) { $0.name = "other" }
        let end = try await log.append(record)
        _ = try await other.append([record, record])
        #expect(try await log.nextBatch(after: end, patience: .zero) == LogBatch(records: [], position: end))
        await log.shutdown()
        await other.shutdown()
    }

    @Test("all keys lie in one slot of a cluster")
    func slots() async throws {
        let server = try await RedisServer.start()
        let log = try RedisInvalidationLog(on: server) { $0.name = "notes" }
        _ = try await log.append(record)
        let keys = try await server.execute(RESPCommand("KEYS", "*")).elements ?? []
        #expect(Set(keys.compactMap(\.string)) == ["{notes}:log", "{notes}:log:state"])
        await log.shutdown()
    }

    @Test("old records are trimmed by their age")
    func age() async throws {
        let server = try await RedisServer.start()
        let log = try RedisInvalidationLog(on: server) { $0.maximumAge = .milliseconds(1) }
        let start = try await log.nextBatch(after: nil, patience: .zero).position
        // Ends as soon as the server's clock has moved on by some milliseconds.
        while try await !log.nextBatch(after: start, patience: .zero).isAfterGap {
            _ = try await log.append(Array(repeating: record, count: 100))
        }
        await log.shutdown()
    }

    @Test("an entry that is no record is a gap, and so is one that is missing")
    func unreadable() async throws {
        let server = try await RedisServer.start()
        let log = try RedisInvalidationLog(on: server)
        let start = try await log.nextBatch(after: nil, patience: .zero).position
        let end = try await log.append(Array(repeating: record, count: 5))
        let entries = try await server.execute(RESPCommand("XRANGE", "{larder}:log", "-", "+")).elements ?? []
        let missing = try #require(entries[1].elements?.first?.string)
        try await server.execute(RESPCommand("XDEL", "{larder}:log", .text(missing)))
        let before = try await log.nextBatch(after: start, patience: .zero)
        #expect(before.records.count == 1 && before.position.offset == start.offset + 1)
        let gap = try await log.nextBatch(after: before.position, patience: .zero)
        #expect(gap.isAfterGap && gap.position == LogPosition(epoch: end.epoch, offset: start.offset + 2))
        #expect(try await log.nextBatch(after: gap.position, patience: .zero).records.count == 3)

        try await server.execute(RESPCommand("XADD", "{larder}:log", .text("\(end.offset + 1)-0"), "r", "garbage"))
        try await server.execute(RESPCommand("HINCRBY", "{larder}:log:state", "newest", 1))
        let second = try await log.nextBatch(after: end, patience: .zero)
        #expect(second.isAfterGap && second.position == LogPosition(epoch: end.epoch, offset: end.offset + 1))
        await log.shutdown()
    }

    @Test(
        "a setting out of its range is refused",
        arguments: [
            { $0.name = "" }, { $0.name = "a{b" }, { $0.maximumRecords = 0 }, { $0.maximumAge = .zero },
        ] as [@Sendable (inout RedisInvalidationLog.Configuration) -> Void]
    )
    func configuration(_ fault: @Sendable (inout RedisInvalidationLog.Configuration) -> Void) {
        var configuration = RedisInvalidationLog.Configuration()
        fault(&configuration)
        let refusal = #expect(throws: RedisStoreError.self) {
            _ = try RedisInvalidationLog(configuration: configuration)
        }
        #expect(refusal?.code == .invalidConfiguration)
    }
}
