import Larder
import LarderTesting
import Testing

@testable import NotesVault

@Suite(.timeLimit(.minutes(10))) struct ViewCounterTests {
    private let clock = ManualClock()
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func open() async throws -> (counter: ViewCounter, ledger: ViewLedger) {
        let ledger = try ViewLedger(path: folder.path + "/views.sqlite")
        let counter = try await ViewCounter(
            CacheSystem(clock: clock, logger: TestVault.logger),
            ledger: ledger,
            journal: folder.path + "/views.journal",
            logger: TestVault.logger
        )
        return (counter, ledger)
    }

    @Test("views show at once, reach the ledger as one, and are there after a restart")
    func counting() async throws {
        let (first, ledger) = try await open()
        let (a, b) = (try noteID("a"), try noteID("b"))
        for _ in 0..<5 { try await first.count(a) }
        try await first.count(b)
        #expect(try await first.views(of: a) == 5)
        #expect(try await ledger.views(of: a) == nil)
        let run = Task { try await first.run() }
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(1))
        try await first.flush()
        #expect(try await ledger.views(of: a) == 5)
        #expect(try await first.views(of: a) == 5)
        run.cancel()
        try await run.value
        let (second, _) = try await open()
        #expect(try await second.views(of: a) == 5)
        #expect(try await second.views(of: b) == 1)
        try await second.count(b)
        #expect(try await second.views(of: b) == 2)
    }

    @Test("what reaches the ledger a second time, or late, is not counted again")
    func repetition() async throws {
        let ledger = try ViewLedger(path: folder.path + "/views.sqlite")
        let a = try noteID("a")
        func write(_ views: Int, _ number: UInt64) async throws -> [SinkResult] {
            let token = IdempotencyToken(source: 1, number: number)
            return try await ledger.write([SinkWrite(key: a, change: .merge(views), sequence: number, token: token)])
        }
        #expect(try await write(3, 10) == [.done])
        #expect(try await write(3, 10) == [.done])
        #expect(try await write(4, 11) == [.done])
        #expect(try await write(3, 10) == [.done])
        #expect(try await ledger.views(of: a) == 7)
    }
}
