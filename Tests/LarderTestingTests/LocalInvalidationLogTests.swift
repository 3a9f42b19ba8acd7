import Larder
import LarderTesting
import Testing

@Suite("LocalInvalidationLog")
struct LocalInvalidationLogTests {
    @Test("keeps the promises of a log", arguments: InvalidationLogConformance.checks)
    func conformance(check: InvalidationLogConformance.Check) async throws {
        try await check.run { limit in
            let log = LocalInvalidationLog(limit: limit)
            return .init(log: log, openAnother: { Sharing(log: log) })
        }
    }

    @Test("sends a heartbeat by its clock")
    func heartbeat() async throws {
        let clock = ManualClock()
        let log = LocalInvalidationLog(epoch: 7, clock: clock)
        let task = Task { try await log.nextBatch(after: LogPosition(epoch: 7, offset: 0), patience: .seconds(5)) }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(5))
        #expect(try await task.value == LogBatch(records: [], position: LogPosition(epoch: 7, offset: 0)))
    }

    /// The same log, which stays open when it is shut down.
    private struct Sharing: InvalidationLog {
        let log: LocalInvalidationLog

        func append(_ records: [InvalidationRecord]) async throws -> LogPosition { try await log.append(records) }
        func nextBatch(after position: LogPosition?, patience: Duration) async throws -> LogBatch {
            try await log.nextBatch(after: position, patience: patience)
        }
        func shutdown() async {}
    }
}
