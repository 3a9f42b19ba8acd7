import Foundation
import Subprocess
import SystemPackage
import Testing

@Suite("Writers that are killed", .timeLimit(.minutes(10)))
struct CrashTests {
    @Test("killing writers at random moments loses, reorders and invents nothing")
    func kills() async throws {
        let command = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "crash-test")
        let result = try await Subprocess.run(
            .path(FilePath(command.path)),
            arguments: ["25"],
            output: .string(limit: 1_000_000),
            error: .string(limit: 1_000_000)
        )
        let output = result.standardOutput
        #expect(result.terminationStatus == .exited(0), "\(output)")
        let line = try #require(output.split(separator: "\n").last { $0.hasPrefix("RESULT ") })
        let figures = try JSONDecoder().decode([String: Int].self, from: Data(line.dropFirst(7).utf8))
        #expect(figures["kills"] == 25)
        #expect(figures["acknowledged", default: 0] >= 25)
        for name in ["lost", "reordered", "phantom", "stale_reads"] { #expect(figures[name] == 0, "\(output)") }
    }
}
