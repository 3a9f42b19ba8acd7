import Foundation
import Hummingbird
import Larder
import LarderHummingbird
import LarderMonitoring
import LarderTesting
import Logging
import ServiceLifecycle
import Subprocess
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(10))) struct MonitoringCommandTests {
    private static let command = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "larder").path

    private func run(_ arguments: String...) async throws -> (output: String, errors: String, status: Int) {
        let result = try await Subprocess.run(
            .path(FilePath(Self.command)),
            arguments: .init(arguments),
            output: .string(limit: 1_000_000),
            error: .string(limit: 1_000_000)
        )
        var status = -1
        if case .exited(let code) = result.terminationStatus { status = Int(code) }
        return (result.standardOutput, result.standardError, status)
    }

    /// Serves the dashboard of a cache that was read a hundred times while something is done, which is given its address.
    private func serving(_ body: (_ address: String, SnapshotSource) async throws -> Void) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let system = try CacheSystem(logger: logger)
        let users = try system.cache(CacheNamespace<String, Int>.inMemory("users\u{1B}[31m"))
        for number in 0..<100 { _ = try await users.value(forKey: "user \(number % 20)") { _ in number } }
        let router = Router()
        let source = SnapshotSource(of: system, title: "shop")
        router.addDashboard(Dashboard(source))
        let (ports, announcement) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { announcement.yield($0.localAddress?.port ?? 0) },
            logger: logger
        )
        let group = ServiceGroup(configuration: .init(services: [application], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { server in
            server.addTask { try await group.run() }
            let port = await ports.first { _ in true } ?? 0
            let result: Result<Void, any Error>
            do { result = .success(try await body("http://127.0.0.1:\(port)/larder", source)) } catch {
                result = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await server.waitForAll()
            try result.get()
        }
    }

    @Test("a report of a running process is printed in each form, or written to a file")
    func report() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "larder-report-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await serving { address, source in
            let text = try await run("report", "--from", address)
            #expect(text.status == 0 && text.errors.isEmpty, "\(text.errors)")
            #expect(text.output.contains("shop: caches over the last hour") && text.output.contains("80.0 %"))
            #expect(!text.output.contains("\u{1B}"))
            let markdown = try await run("report", "--from", address + "/", "--format", "markdown", "--window", "5m")
            #expect(markdown.output.hasPrefix("# shop: caches over the last 5 minutes"))
            let file = folder.appending(path: "report.html")
            #expect(
                try await run("report", "--from", address, "--format", "html", "--output", file.path).output.isEmpty
            )
            #expect(try String(contentsOf: file, encoding: .utf8).contains("<svg"))
            let json = try await run("report", "--from", address, "--format", "json")
            let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            #expect((object?["summary"] as? [String: Any])?["requests"] as? Int == 100)

            let saved = folder.appending(path: "snapshot.json")
            try source.snapshot(over: .fiveMinutes).json().write(to: saved)
            let fromFile = try await run("report", "--from", saved.path)
            #expect(fromFile.output.contains("over the last 5 minutes") && fromFile.output.contains("80.0 %"))
            let refused = try await run("report", "--from", saved.path, "--window", "1h")
            #expect(refused.status != 0 && refused.errors.contains("leave --window out"))
            let elsewhere = try await run("report", "--from", address + "/events")
            #expect(elsewhere.status == 1 && elsewhere.errors.contains("address of the dashboard"))
        }
    }

    @Test("what cannot be read is told with a word on what to do")
    func unreadable() async throws {
        let port = try FreePort.find()
        let nobody = try await run("report", "--from", "http://127.0.0.1:\(port)/larder")
        #expect(nobody.status == 1 && nobody.errors.contains("does not answer"))
        let missing = try await run("report", "--from", "/nowhere/snapshot.json")
        #expect(missing.status == 1 && missing.errors.contains("There is no file"))
        let other = try await run("report", "--from", #filePath)
        #expect(other.status == 1 && other.errors.contains("no monitoring snapshot"))
        let top = try await run("top", "127.0.0.1:\(port)", "--once")
        #expect(top.status != 0 && top.errors.contains("is no address"))
        #expect(try await run("top", "http://127.0.0.1:\(port)", "--once").status == 1)
        let pipe = try await run("top", "http://127.0.0.1:\(port)")
        #expect(pipe.status == 1 && pipe.errors.contains("--once"))
    }

    @Test("top prints once what there is, without a word to the terminal")
    func once() async throws {
        try await serving { address, _ in
            let top = try await run("top", address, "--once")
            #expect(top.status == 0)
            #expect(top.output.contains("Hit ratio  80.0 %") && top.output.contains("Requests   100"))
            #expect(top.output.contains("users") && top.output.contains("user"))
            #expect(!top.output.contains("\u{1B}"))
        }
    }

    @Test("top redraws a terminal in place, tries again while nobody answers, and leaves the terminal as it was")
    func terminal() async throws {
        try await serving { address, _ in
            let live = try await onTerminal(["top", address, "--interval", "0.05"]) { shown in
                shown.components(separatedBy: "Hit ratio").count > 3
            }
            #expect(live.hasPrefix("\u{1B}[?1049h\u{1B}[?25l\u{1B}[H"))
            #expect(live.contains("80.0 %") && !live.contains("\u{1B}[31musers"))
            #expect(live.hasSuffix(Self.end))
        }
        let port = try FreePort.find()
        let alone = try await onTerminal(["top", "http://127.0.0.1:\(port)/larder", "--interval", "0.05"]) {
            $0.contains("Tried 3 times")
        }
        #expect(alone.contains("does not answer") && alone.hasSuffix(Self.end))
    }

    /// What gives a terminal its first screen back.
    private static let end = "\u{1B}[?25h\u{1B}[?1049l"

    /// A call of the C library that the overlay of Swift leaves out: both sides of a new terminal.
    private static let openTerminal = dlsym(nil, "openpty").map { unsafeBitCast($0, to: OpenTerminal.self) }

    private typealias OpenTerminal =
        @convention(c) (
            UnsafeMutablePointer<CInt>, UnsafeMutablePointer<CInt>, UnsafeMutablePointer<CChar>?, UnsafeRawPointer?,
            UnsafeRawPointer?
        ) -> CInt

    /// Runs the command on a terminal of its own until it has shown enough, then interrupts it.
    ///
    /// - Returns: All that the terminal was sent.
    private func onTerminal(
        _ arguments: [String],
        until isEnough: @escaping @Sendable (String) -> Bool
    ) async throws -> String {
        var (terminal, side): (CInt, CInt) = (-1, -1)
        let open = try #require(Self.openTerminal)
        try #require(open(&terminal, &side, nil, nil, nil) == 0)
        for descriptor in [terminal, side] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        let process = try ChildProcess(Self.command, arguments, input: side, output: side)
        close(side)
        // A terminal is read on a thread that may wait.
        let shown: String = await withCheckedContinuation { [terminal] continuation in
            Thread.detachNewThread {
                var shown: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 65_536)
                var isInterrupted = false
                while case let count = read(terminal, &buffer, buffer.count), count > 0 {
                    shown += buffer[..<count]
                    let text = String(decoding: shown, as: UTF8.self)
                    if text.hasSuffix(Self.end) { break }
                    guard !isInterrupted, isEnough(text) else { continue }
                    isInterrupted = true
                    process.signal(SIGINT)
                }
                close(terminal)
                continuation.resume(returning: String(decoding: shown, as: UTF8.self))
            }
        }
        #expect(await process.end() == 0)
        return shown
    }
}
