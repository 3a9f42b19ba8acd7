import AsyncHTTPClient
import Foundation
import LarderTesting
import NIOCore

/// A real Varnish with the configuration of this repository, for one test.
final class VarnishServer {
    private let process = Process()
    private let folder = FileManager.default.temporaryDirectory.appending(path: "larder-varnish-\(UUID().uuidString)")
    let base: String

    static let executable = ["/usr/sbin/varnishd", "/usr/local/sbin/varnishd", "/opt/homebrew/sbin/varnishd"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Starts a server in front of an origin, and waits until it answers.
    init(originPort: String) async throws {
        let port = try FreePort.find()
        base = "http://127.0.0.1:\(port)"
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let text = try String(contentsOf: root.appending(path: "Deployment/Varnish/larder.vcl"), encoding: .utf8)
        let file = folder.appending(path: "larder.vcl")
        try text.replacing("\"8080\"", with: "\"\(originPort)\"").write(to: file, atomically: true, encoding: .utf8)
        process.executableURL = URL(filePath: Self.executable ?? "/usr/sbin/varnishd")
        process.arguments = [
            "-F", "-n", folder.appending(path: "work").path, "-j", "none", "-a", "127.0.0.1:\(port)", "-T", "none",
            "-f", file.path, "-s", "malloc,32M",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning, await !answers { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Kills it, and waits for nothing: a test must not hold a thread of the shared pool.
    func stop() {
        kill(process.processIdentifier, SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }

    private var answers: Bool {
        get async {
            (try? await HTTPClient.shared.execute(HTTPClientRequest(url: base), timeout: .seconds(5))) != nil
        }
    }
}
