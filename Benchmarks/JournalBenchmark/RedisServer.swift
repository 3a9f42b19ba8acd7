import Foundation

/// A Redis that syncs its file before it answers a write.
final class RedisServer {
    private static let port = "\(20_000 + ProcessInfo.processInfo.processIdentifier % 10_000)"
    private let process = Process()
    private let folder: String

    /// Starts the server; `nil` if Redis is not installed.
    init?() throws {
        folder = NSTemporaryDirectory() + "/larder-redis-" + UUID().uuidString
        guard let server = Self.find("redis-server"), Self.find("redis-benchmark") != nil,
            Self.find("redis-cli") != nil
        else { return nil }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        process.executableURL = server
        process.arguments = [
            "--port", Self.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always",
            "--dir", folder,
        ]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        for _ in 0..<100 {
            if try Self.output(of: "redis-cli", ["-p", Self.port, "ping"]).hasPrefix("PONG") { break }
            usleep(50_000)
        }
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Measures how many writes of 100 bytes per second some connections make.
    func measure(writers: Int) throws -> Double {
        let arguments = [
            "-p", Self.port, "-c", "\(writers)", "-n", "\(300 * writers)", "-t", "set", "-d", "100", "-r", "100000",
            "--csv",
        ]
        let text = try Self.output(of: "redis-benchmark", arguments)
        // "SET","12345.67",...
        let line = text.split(separator: "\n").first { $0.hasPrefix("\"SET\"") }
        let field = line?.split(separator: ",").dropFirst().first
        return field.flatMap { Double($0.trimmingPrefix("\"").dropLast()) } ?? .nan
    }

    private static func output(of name: String, _ arguments: [String]) throws -> String {
        let command = Process()
        command.executableURL = find(name)
        command.arguments = arguments
        let output = Pipe()
        command.standardOutput = output
        command.standardError = FileHandle.nullDevice
        try command.run()
        // The end of the output is only seen when nobody else could write to it any more.
        try output.fileHandleForWriting.close()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        command.waitUntilExit()
        return text
    }

    private static func find(_ name: String) -> URL? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
            .map { URL(filePath: $0) }
    }
}
