import Foundation
import Subprocess
import SystemPackage
import Testing

@Suite struct EdgeCommandTests {
    @Test(
        "a wrong origin, address or number ends the command with a word on what is wrong",
        arguments: [
            (["--origin", "ftp://127.0.0.1"], "is no origin"), (["--origin", "http://127.0.0.1/path"], "is no origin"),
            (["--origin", "http://127.0.0.1:1", "--listen", "127.0.0.1:x"], "no port"),
            (["--origin", "http://127.0.0.1:1", "--capacity", "0"], "at least 1"),
        ]
    )
    func refused(_ arguments: [String], _ word: String) async throws {
        let command = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "larder")
        let result = try await Subprocess.run(
            .path(FilePath(command.path)),
            arguments: .init(["edge"] + arguments),
            output: .string(limit: 10_000),
            error: .string(limit: 10_000)
        )
        #expect(result.terminationStatus != .exited(0))
        #expect(result.standardError.contains(word))
    }
}
