import Foundation
import Larder
import LarderSQLite
import LarderTesting
import Testing

@Suite("SQLiteStore as a store")
struct SQLiteStoreConformanceTests {
    @Test("keeps the promises of a store", arguments: RemoteStoreConformance.checks)
    func conformance(check: RemoteStoreConformance.Check) async throws {
        try await check.run {
            let folder = try TemporaryFolder()
            let clock = WallClock()
            let store = try SQLiteStore(in: folder, clock: clock)
            return .init(store: store, cleanUp: { _ = folder }) { clock.advance(by: $0) }
        }
    }

    @Test("keeps the promises with pages of no memory and a small file", arguments: RemoteStoreConformance.checks)
    func conformanceWithinSmallBounds(check: RemoteStoreConformance.Check) async throws {
        try await check.run {
            let folder = try TemporaryFolder()
            let clock = WallClock()
            var configuration = SQLiteStore.Configuration()
            configuration.pageCacheBytes = 0
            configuration.maximumIdleReaders = 1
            configuration.maximumBytes = 4 << 20
            let store = try SQLiteStore(in: folder, configuration: configuration, clock: clock)
            return .init(store: store, cleanUp: { _ = folder }) { clock.advance(by: $0) }
        }
    }

    @Test("says that it bounds its latency")
    func boundsItsLatency() throws {
        let folder = try TemporaryFolder()
        #expect(try SQLiteStore(in: folder).boundsItsLatency)
    }
}
