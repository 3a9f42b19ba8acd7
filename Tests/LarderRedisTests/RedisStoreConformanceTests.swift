import Larder
import LarderRedis
import LarderTesting
import Logging
import RESP
import Testing

@Suite("RedisStore as a store", .enabled(if: RedisServer.isInstalled), .serialized)
struct RedisStoreConformanceTests {
    @Test("keeps the promises of a store", arguments: RemoteStoreConformance.checks, [2, 3])
    func conformance(check: RemoteStoreConformance.Check, protocolVersion: Int) async throws {
        // The clock of a server cannot be stopped: where the machine stalled for longer than the tolerance, the check
        // says nothing, and is made again.
        let tolerance = Duration.milliseconds(100)
        for attempt in 1...5 {
            var failure: (any Error)?
            let elapsed = await ContinuousClock()
                .measure {
                    do { try await run(check, tolerance, protocolVersion) } catch { failure = error }
                }
            guard let failure else { return }
            guard elapsed > tolerance, attempt < 5 else { throw failure }
        }
    }

    private func run(
        _ check: RemoteStoreConformance.Check,
        _ tolerance: Duration,
        _ protocolVersion: Int
    ) async throws {
        let server = try await RedisServer.start()
        try await check.run {
            let store = try RedisStore(on: server) { $0.connection.protocolVersion = protocolVersion }
            return .init(store: store, timeTolerance: tolerance) { try await server.advanceTime(by: $0) }
        }
    }
}
