import Foundation
import Subprocess
import SystemPackage

/// The checker of Prometheus.
enum Promtool {
    static let executable = ["/usr/bin/promtool", "/usr/local/bin/promtool", "/opt/homebrew/bin/promtool"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// What it says of something, empty if there is nothing to say but that all is well.
    static func complaints(_ arguments: String..., input: String = "") async throws -> String {
        let result = try await Subprocess.run(
            .path(FilePath(executable ?? "/usr/bin/promtool")),
            arguments: .init(arguments),
            input: .string(input),
            output: .string(limit: 1_000_000),
            error: .string(limit: 1_000_000)
        )
        guard case .exited(0) = result.terminationStatus else {
            return "\(result.terminationStatus): \(result.standardOutput)\(result.standardError)"
        }
        return result.standardError
    }
}
