import Larder
import LarderRedis
import LarderTesting
import RESP
import Testing

@Suite("Faults of the server of a log", .enabled(if: RedisServer.isInstalled))
struct LogFaultTests {
    private let record = InvalidationRecord(.tags(["a"]), in: "n")

    /// A fault after which the server may lack records.
    enum Loss: CaseIterable {
        case flush
        case lostStream
        case lostState
        case restart
        case restartWithOldData
    }

    @Test("a loss of records is told as a gap, and begins a new epoch where the server knows", arguments: Loss.allCases)
    func loss(_ loss: Loss) async throws {
        let server = try await RedisServer.start()
        let log = try RedisInvalidationLog(on: server)
        let early = try await log.append(record)
        if loss == .restartWithOldData { try await server.execute(RESPCommand("SAVE")) }
        let end = try await log.append([record, record])
        try await suffer(loss, server)

        let gap = try await log.nextBatch(after: early, patience: .zero)
        #expect(gap.isAfterGap && gap.records.isEmpty)
        #expect(gap.position.precedes(end) == (loss != .lostStream), "\(gap.position) after \(end)")
        let next = try await log.append(record)
        #expect(next == LogPosition(epoch: gap.position.epoch, offset: gap.position.offset + 1))
        #expect(try await log.nextBatch(after: gap.position, patience: .zero).records.map(\.record) == [record])
        await log.shutdown()
    }

    @Test("a reader who waits is woken by the first record of a new epoch", arguments: Loss.allCases)
    func lossWhileWaiting(_ loss: Loss) async throws {
        let server = try await RedisServer.start()
        let log = try RedisInvalidationLog(on: server)
        let other = try RedisInvalidationLog(on: server)
        _ = try await log.append(record)
        if loss == .restartWithOldData { try await server.execute(RESPCommand("SAVE")) }
        let end = try await log.append([record, record])
        async let batch = log.nextBatch(after: end, patience: .seconds(600))
        try await suffer(loss, server)
        let next = try await other.append(record)
        let told = try await batch
        #expect(told.isAfterGap || told.records.map(\.record) == [record])
        #expect(told.position.epoch == next.epoch)
        await log.shutdown()
        await other.shutdown()
    }

    private func suffer(_ loss: Loss, _ server: RedisServer) async throws {
        switch loss {
        case .flush: try await server.execute(RESPCommand("FLUSHALL"))
        case .lostStream: try await server.execute(RESPCommand("DEL", "{larder}:log"))
        case .lostState: try await server.execute(RESPCommand("DEL", "{larder}:log:state"))
        case .restart, .restartWithOldData:
            server.kill()
            try await server.start()
        }
    }

    @Test("records that were trimmed by hand are told as a gap")
    func trimming() async throws {
        let server = try await RedisServer.start()
        let log = try RedisInvalidationLog(on: server)
        let start = try await log.nextBatch(after: nil, patience: .zero).position
        let end = try await log.append(Array(repeating: record, count: 10))
        try await server.execute(RESPCommand("XTRIM", "{larder}:log", "MAXLEN", 3))
        let gap = try await log.nextBatch(after: start, patience: .zero)
        #expect(gap.isAfterGap && gap.position == LogPosition(epoch: end.epoch, offset: end.offset - 3))
        #expect(try await log.nextBatch(after: gap.position, patience: .zero).records.count == 3)
        await log.shutdown()
    }

    @Test("a replica that was promoted without the last records begins a new epoch")
    func failover() async throws {
        let master = try await RedisServer.start(options: ["--repl-diskless-sync-delay", "0"])
        let replica = try await RedisServer.start(options: ["--replicaof", "127.0.0.1", "\(master.port)"])
        let log = try RedisInvalidationLog(on: master)
        let early = try await log.append(record)
        while try await replica.execute(RESPCommand("XLEN", "{larder}:log")) != .integer(1) { await Task.yield() }
        // From here on it hears nothing of its master.
        try await replica.execute(RESPCommand("REPLICAOF", "127.0.0.1", "1"))
        let end = try await log.append(record)
        await log.shutdown()
        master.kill()

        let next = try RedisInvalidationLog(on: replica)
        // Who has a master is not asked, be it alone: it may know less than its master does.
        await #expect(throws: RESPError.self) { _ = try await next.append(record) }
        await #expect(throws: RESPError.self) { _ = try await next.nextBatch(after: nil, patience: .zero) }
        try await replica.execute(RESPCommand("REPLICAOF", "NO", "ONE"))
        for position in [early, end] {
            let gap = try await next.nextBatch(after: position, patience: .zero)
            #expect(gap.isAfterGap && gap.position.epoch != end.epoch && gap.position.offset > end.offset)
        }
        await next.shutdown()
    }

    @Test("nothing is lost, and nothing comes out of order, while connections are cut")
    func cuts() async throws {
        let server = try await RedisServer.start()
        let writers = try (0..<4).map { _ in try RedisInvalidationLog(on: server) }
        let reader = try RedisInvalidationLog(on: server)
        let start = try await reader.nextBatch(after: nil, patience: .zero).position
        let end = InvalidationRecord(.everything, in: "end")
        let cut = RESPCommand("CLIENT", "KILL", "TYPE", "normal", isRepeatable: true)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (number, writer) in writers.enumerated() {
                        group.addTask {
                            for count in 0..<200 {
                                _ = try await writer.append(
                                    InvalidationRecord(.keys([StoreKey("\(number):\(count)")]), in: "n")
                                )
                                if count % 20 == 19 {
                                    try await server.execute(cut)
                                }
                            }
                        }
                    }
                    for try await _ in group {}
                }
                _ = try await writers[0].append(end)
            }
            group.addTask {
                var position = start
                var records: [InvalidationRecord] = []
                while records.last != end {
                    let batch = try await reader.nextBatch(after: position, patience: .seconds(60))
                    #expect(!batch.isAfterGap)
                    records += batch.records.map(\.record)
                    position = batch.position
                }
                for number in writers.indices {
                    var expected = 0
                    for case .keys(let keys) in records.map(\.target) where keys[0].description.hasPrefix("\(number):")
                    {
                        // An append whose answer was lost is made again.
                        if keys[0] == StoreKey("\(number):\(expected - 1)") { continue }
                        #expect(keys[0] == StoreKey("\(number):\(expected)"))
                        expected += 1
                    }
                    #expect(expected == 200)
                }
            }
            for try await _ in group {}
        }
        for log in writers + [reader] { await log.shutdown() }
    }

    @Test("while the server is stopped calls end by their timeout, and the reader misses nothing")
    func suspension() async throws {
        let server = try await RedisServer.start()
        let log = try RedisInvalidationLog(on: server)
        let impatient = try RedisInvalidationLog(on: server) { $0.connection.timeout = .milliseconds(50) }
        let end = try await log.append(record)
        server.suspend()
        await #expect(throws: RESPError.self) { _ = try await impatient.nextBatch(after: end, patience: .zero) }
        await #expect(throws: RESPError.self) { _ = try await impatient.append(record) }
        server.resume()
        _ = try await log.append(record)
        let batch = try await log.nextBatch(after: end, patience: .zero)
        #expect(!batch.isAfterGap && batch.records.last?.record == record)
        await log.shutdown()
        await impatient.shutdown()
    }
}
