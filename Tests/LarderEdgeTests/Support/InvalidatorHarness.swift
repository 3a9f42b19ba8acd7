import Larder
import LarderEdge
import Logging
import MemoryCache

/// Runs an invalidator for as long as a test needs it, with waits short enough for tests.
enum InvalidatorHarness {
    static var settings: EdgeInvalidator.Configuration {
        var settings = EdgeInvalidator.Configuration()
        settings.longestLoad = .milliseconds(30)
        settings.linger = .milliseconds(20)
        settings.shortestBackoff = .milliseconds(10)
        settings.longestBackoff = .milliseconds(40)
        settings.requestTimeout = .seconds(10)
        return settings
    }

    static func run<Result: Sendable>(
        _ invalidator: EdgeInvalidator,
        while body: @Sendable () async throws -> Result
    ) async throws -> Result {
        let task = Task { try await invalidator.run() }
        defer { task.cancel() }
        let result = try await body()
        task.cancel()
        _ = await task.result
        return result
    }

    /// Waits until something is so; a test that waits in vain ends at its time limit.
    static func wait(until isSo: @Sendable () async throws -> Bool) async throws {
        while try await !isSo() { try await Task.sleep(for: .milliseconds(5)) }
    }
}
