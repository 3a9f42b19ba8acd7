import Foundation
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
    func run() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "readme-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try output(in: folder) == "user 7\nGrace\n")
        #expect(try output(in: folder) == "Grace\nGrace\n", "the second run is warm from the store")
    }

    private func output(in folder: URL) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "readme-example")
        process.currentDirectoryURL = folder
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
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
