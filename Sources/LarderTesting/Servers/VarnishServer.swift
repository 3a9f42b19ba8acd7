package import Foundation

/// A real Varnish with a configuration in this repository, for one test.
package final class VarnishServer: Sendable {
    /// Where the server is; `nil` if it is not installed.
    package static let executable = ["/usr/sbin/varnishd", "/usr/local/sbin/varnishd", "/opt/homebrew/sbin/varnishd"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Its URL.
    package let base: String
    private let folder: URL
    private let process: ChildProcess

    /// Starts a server in front of an origin, and waits until it listens.
    ///
    /// - Parameters:
    ///   - originPort: The port of the origin on this machine.
    ///   - configuration: The path of the configuration, whose backend has the port 8080.
    /// - Throws: Whatever kept the server from being started.
    package init(originPort: Int, configuration: URL) async throws {
        let port = try FreePort.find()
        base = "http://127.0.0.1:\(port)"
        folder = FileManager.default.temporaryDirectory.appending(path: "larder-varnish-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let text = try String(contentsOf: configuration, encoding: .utf8)
        let file = folder.appending(path: "larder.vcl")
        try text.replacing("\"8080\"", with: "\"\(originPort)\"").write(to: file, atomically: true, encoding: .utf8)
        process = try ChildProcess(
            Self.executable ?? "/usr/sbin/varnishd",
            [
                "-F", "-n", folder.appending(path: "work").path, "-j", "none", "-a", "127.0.0.1:\(port)", "-T", "none",
                "-f", file.path, "-s", "malloc,64M",
            ]
        )
        while process.isRunning, !FreePort.isTaken(port) { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Kills it, and does not wait for that: a test must not hold a thread of the shared pool.
    ///
    /// To be called once.
    package func stop() {
        process.signal(SIGKILL)
        Thread.detachNewThread { [process] in process.waitForEnd() }
        try? FileManager.default.removeItem(at: folder)
    }

    /// The configuration of this repository.
    ///
    /// - Parameter file: A file of this repository, two folders below its root.
    /// - Returns: The path of the configuration.
    package static func configuration(from file: String = #filePath) -> URL {
        var folder = URL(filePath: file).deletingLastPathComponent()
        while folder.path.count > 1 {
            let found = folder.appending(path: "Deployment/Varnish/larder.vcl")
            if FileManager.default.fileExists(atPath: found.path) { return found }
            folder = folder.deletingLastPathComponent()
        }
        return URL(filePath: "Deployment/Varnish/larder.vcl")
    }
}
