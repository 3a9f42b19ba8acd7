import LarderRedisTesting
import LarderTesting
import RedisFaultScenarios
import Testing

@Suite("Reads of a cache whose servers fail", .enabled(if: RedisServer.isInstalled), .serialized)
struct FaultScenarioTests {
    /// `make redis-faults` runs them all, for longer.
    private static let scenarios = [
        FaultScenario.restart, .suspension(.milliseconds(800)), .spoiledReply("cut", .cut),
        .spoiledReply("garbage", .garbage), .ringNode, .migration,
    ]

    @Test("none fails while the origin works", arguments: scenarios.indices)
    func reads(index: Int) async throws {
        let scenario = Self.scenarios[index]
        let outcome = try await scenario.run(FaultLoad(calm: .milliseconds(100)))
        #expect(outcome.failedReads == 0, "\(scenario.name)")
        #expect(outcome.reads > 0 && outcome.calls > 0)
    }
}
