import Larder
import LarderRedis
import LarderTesting
import Logging
import RESP
import Testing

@Suite("RedisWriteJournal", .enabled(if: RedisServer.isInstalled), .timeLimit(.minutes(10)))
struct RedisWriteJournalTests {
    /// One for all tests that leave it as it was, each of which has a journal of its own.
    private static let server = Task { try await RedisServer.start() }

    private let name = "journal \(UInt64.random(in: 0...UInt64.max))"

    private func journal(
        on server: RedisServer,
        clock: any Clock<Duration> = ContinuousClock(),
        _ change: (inout RedisWriteJournal.Configuration) -> Void = { _ in }
    ) throws -> RedisWriteJournal {
        var configuration = RedisWriteJournal.Configuration(name: name, connection: try .patient(url: server.url))
        change(&configuration)
        return try RedisWriteJournal(configuration: configuration, clock: clock, logger: Logger(label: "test"))
    }

    private func records(_ numbers: ClosedRange<UInt64>, _ contents: JournalContents) -> [JournalRecord] {
        numbers.map { number in
            JournalRecord(sequence: contents.fence << 36 + number, key: StoreKey("key \(number)"), body: [1, 2, 3])
        }
    }

    private func letter(_ record: JournalRecord) -> DeadLetter {
        DeadLetter(number: record.sequence, key: record.key, body: record.body, attempts: 1, reason: "rejected")
    }

    @Test("keeps the promises of a journal", arguments: WriteJournalConformance.checks)
    func conformance(check: WriteJournalConformance.Check) async throws {
        let server = try await Self.server.value
        try await check.run { try journal(on: server) }
    }

    @Test("what was acknowledged is there after the server was killed, if it keeps a log on its disk")
    func killedServer() async throws {
        let server = try await RedisServer.start(options: ["--appendonly", "yes", "--appendfsync", "always"])
        let owner = try journal(on: server) { $0.takeOverTimeout = .zero }
        let contents = try await owner.open()
        let written = records(1...100, contents)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for record in written { group.addTask { try await owner.append([record]) } }
            try await group.waitForAll()
        }
        try await owner.settle([JournalSettlement(sequences: [written[0].sequence])])
        server.kill()
        try await server.start()
        // The owner goes on, and leaves the rest to the next one.
        try await owner.append([])
        try await owner.claim([JournalClaim(sequences: [written[1].sequence], token: written[1].sequence, attempts: 3)])
        await owner.close()
        let next = try journal(on: server)
        var expected = Array(written[1...])
        expected[0].token = written[1].sequence
        expected[0].attempts = 3
        #expect(try await next.open().records == expected)
        await next.close()
    }

    @Test("a server that lost the journal is told from one that another owner has taken it from")
    func lostJournal() async throws {
        let server = try await RedisServer.start()
        let owner = try journal(on: server)
        let contents = try await owner.open()
        server.kill()
        try await server.start()
        let loss = await #expect(throws: RedisStoreError.self) { try await owner.append(records(1...1, contents)) }
        #expect(loss?.code == .journalLost)
        await owner.close()
    }

    @Test("an owner that shows no life loses the journal, and its successor claims what it had handed to the sink")
    func takeOver() async throws {
        let server = try await Self.server.value
        let clock = ManualClock()
        let owner = try journal(on: server, clock: clock) { $0.leaseDuration = .seconds(1) }
        let first = try await owner.open()
        var written = records(1...3, first)
        try await owner.append(written)
        try await owner.claim([
            JournalClaim(sequences: written[..<2].map(\.sequence), token: written[1].sequence, attempts: 2)
        ])
        let successor = try journal(on: server, clock: clock) { $0.leaseDuration = .seconds(1) }
        let opening = Task { try await successor.open() }
        for _ in 0..<15 {
            await clock.waitForSleepers()
            clock.advance(by: .milliseconds(50))
        }
        await clock.waitForSleepers()
        #expect(try await owner.renewLease() == [], "it shows life in time")
        for _ in 0..<21 {
            await clock.waitForSleepers()
            clock.advance(by: .milliseconds(50))
        }
        let second = try await opening.value
        for index in 0...1 {
            written[index].token = written[1].sequence
            written[index].attempts = 2
        }
        #expect(second.fence > first.fence && second.records == written)
        let consumers = try await server.execute(
            RESPCommand("XINFO", "CONSUMERS", .text("{\(name)}:journal"), "sink")
        )
        #expect(consumers.elements?.compactMap { $0["name"]?.string } == ["\(second.fence)"])

        let last = written[2]
        let calls: [@Sendable () async throws -> Void] = [
            { try await owner.append([last]) },
            { try await owner.claim([JournalClaim(sequences: [last.sequence], token: 1, attempts: 9)]) },
            { try await owner.settle([JournalSettlement(sequences: [last.sequence])]) },
            { try await owner.revive([last]) },
            { _ = try await owner.renewLease() },
        ]
        for call in calls {
            let refusal = await #expect(throws: CacheError.self) { try await call() }
            #expect(refusal?.code == .journalInUse)
        }
        await owner.close()
        await successor.close()
        let third = try journal(on: server) { $0.takeOverTimeout = .zero }
        #expect(try await third.open().records == written)
        await third.close()
    }

    @Test("a journal whose owner lives is refused to others, whose dead letters commands work all the same")
    func inUse() async throws {
        let server = try await Self.server.value
        let owner = try journal(on: server)
        let record = records(1...1, try await owner.open())[0]
        try await owner.append([record])
        try await owner.settle([JournalSettlement(sequences: [record.sequence], deadLetter: letter(record))])
        let other = try journal(on: server) { $0.takeOverTimeout = .zero }
        let refusal = await #expect(throws: CacheError.self) { _ = try await other.open() }
        #expect(refusal?.code == .journalInUse)
        #expect(try await other.deadLetters(after: nil, limit: 10) == [letter(record)])
        #expect(try await other.requestReplay(of: nil) == 1)
        #expect(try await owner.renewLease() == [letter(record)])
        await owner.close()
        await other.close()
    }

    @Test("a full journal refuses records and dead letters, and takes them again when there is room")
    func bounds() async throws {
        let server = try await Self.server.value
        let journal = try journal(on: server) {
            $0.maximumRecords = 3
            $0.maximumDeadLetters = 1
        }
        let written = records(1...4, try await journal.open())
        try await journal.append(Array(written[..<3]))
        for call in [
            { try await journal.append([written[3]]) },
            {
                try await journal.settle(
                    written[..<2].map { JournalSettlement(sequences: [$0.sequence], deadLetter: letter($0)) }
                )
            },
        ] as [@Sendable () async throws -> Void] {
            let refusal = await #expect(throws: RedisStoreError.self) { try await call() }
            #expect(refusal?.code == .journalFull)
        }
        try await journal.settle([JournalSettlement(sequences: [written[0].sequence], deadLetter: letter(written[0]))])
        try await journal.append([written[3]])
        await journal.close()
        let next = try self.journal(on: server)
        #expect(try await next.open().records == Array(written[1...]))
        await next.close()
    }

    @Test("an append that is repeated because its answer was lost keeps a record once")
    func repetition() async throws {
        let server = try await Self.server.value
        let journal = try journal(on: server)
        let written = records(1...2, try await journal.open())
        for _ in 0..<2 { try await journal.append(written) }
        await journal.close()
        let next = try self.journal(on: server)
        #expect(try await next.open().records == written)
        await next.close()
    }

    @Test("a process that writes behind leaves what its sink has not taken to the one that takes the journal over")
    func writingBehind() async throws {
        let server = try await Self.server.value
        let sink = RecordingSink<Int, Int>()
        let faulty = FaultySink(sink)
        var policy = WriteBehindPolicy()
        policy.batchDelay = .zero
        policy.shutdownTimeout = .zero
        for round in 0..<2 {
            let cache = try CacheSystem().cache(CacheNamespace<Int, Int>("values"))
            if round == 0 { faulty.fail(.always) } else { faulty.heal() }
            let writing = try await WriteBehindCache(
                cache,
                sink: faulty,
                journal: journal(on: server),
                policy: policy,
                logger: Logger(label: "test")
            )
            let running = Task { try await writing.run() }
            if round == 0 {
                for key in 1...10 { try await writing.setValue(key * 10, forKey: key) }
                #expect(sink.values.isEmpty)
            } else {
                try await writing.flush()
                #expect(sink.values == Dictionary(uniqueKeysWithValues: (1...10).map { ($0, $0 * 10) }))
            }
            running.cancel()
            try? await running.value
        }
    }

    @Test(
        "a setting out of its range is refused",
        arguments: [
            { $0.name = "" }, { $0.name = "a{b" }, { $0.maximumRecords = 0 }, { $0.maximumDeadLetters = 0 },
            { $0.leaseDuration = .milliseconds(99) }, { $0.takeOverTimeout = .seconds(-1) },
        ] as [@Sendable (inout RedisWriteJournal.Configuration) -> Void]
    )
    func configuration(_ fault: @Sendable (inout RedisWriteJournal.Configuration) -> Void) {
        var configuration = RedisWriteJournal.Configuration(name: "views")
        fault(&configuration)
        let refusal = #expect(throws: RedisStoreError.self) {
            _ = try RedisWriteJournal(configuration: configuration)
        }
        #expect(refusal?.code == .invalidConfiguration)
    }
}
