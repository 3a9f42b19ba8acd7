import Foundation
import LarderTesting
import Subprocess
import SystemPackage
import Testing

@Suite(
    "Processes that share a server",
    .enabled(if: RedisServer.isInstalled),
    .timeLimit(.minutes(10))
)
struct InvalidationCheckTests {
    @Test("no read is staler than the bound, while connections are cut and the server is killed")
    func check() async throws {
        let command = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "invalidation-check")
        let result = try await Subprocess.run(
            .path(FilePath(command.path)),
            arguments: ["redis", "20000"],
            output: .string(limit: 1_000_000),
            error: .string(limit: 1_000_000)
        )
        let output = result.standardOutput
        #expect(result.terminationStatus == .exited(0), "\(output)")
        let line = try #require(output.split(separator: "\n").last { $0.hasPrefix("RESULT ") })
        let figures = try JSONDecoder().decode([String: Double].self, from: Data(line.dropFirst(7).utf8))
        #expect(figures["reads", default: 0] > 10_000)
        #expect(figures["stale_reads"] == 0, "\(output)")
    }
}
