import Foundation
import Subprocess
import SystemPackage
import Testing

@Suite struct ReadmeTests {
    private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("the example of the README is the one that is compiled")
    func example() throws {
        let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        let source = try String(contentsOf: root.appending(path: "Examples/ReadmeExample/main.swift"), encoding: .utf8)
        let blocks = readme.components(separatedBy: "```swift\n").dropFirst()
            .compactMap {
                $0.components(separatedBy: "```").first
            }
        #expect(blocks.first == source)
    }

    @Test("the example of the README runs, and says what its comments say")
    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "readme-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let start = ContinuousClock.now
        #expect(try await output(in: folder) == "user 7\nGrace\n")
        let second = try await output(in: folder)
        // On a machine so busy that the store may have had no answer within its timeout, nothing is told of it.
        let isBusy = start.duration(to: .now) >= .milliseconds(250)
        #expect(second == "Grace\nGrace\n" || isBusy && second == "user 7\nGrace\n", "warm from the store")
    }

    private func output(in folder: URL) async throws -> String {
        let command = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "readme-example")
        let result = try await Subprocess.run(
            .path(FilePath(command.path)),
            workingDirectory: FilePath(folder.path),
            output: .string(limit: 10_000)
        )
        #expect(result.terminationStatus.isSuccess)
        return result.standardOutput
    }

    @Test("the commands that the README names exist")
    func commands() throws {
        let makefile = try String(contentsOf: root.appending(path: "Makefile"), encoding: .utf8)
        let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        let named = Set(readme.matches(of: /`make ([a-z0-9-]+)/).map { String($0.1) })
        #expect(named.isSuperset(of: ["run", "test", "docs", "bench"]))
        for command in named { #expect(makefile.contains("\n\(command):"), "make \(command)") }
    }
}
