package import Foundation
import MemoryCache

/// A headless Chromium with one page, which tests look at.
///
/// It is spoken to by the DevTools protocol through a pair of pipes, so that it listens on no port.
package final class HeadlessBrowser: Sendable {
    /// What went wrong in the browser, or on the page.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private struct State {
        var lastID = 0
        var waiting: [Int: CheckedContinuation<Data, any Error>] = [:]
        var complaints: [String] = []
        var isOver = false
    }

    /// Where the browser is; `nil` if it is not installed.
    package static let executable = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    private let state = Locked(State())
    private let folder: URL
    private let process: ChildProcess
    private let input: FileHandle
    private let output: FileHandle
    private let session = Locked("")

    /// Starts a browser with an empty page.
    ///
    /// - Throws: What keeps it from being started.
    package static func start() async throws -> HeadlessBrowser {
        let browser = try HeadlessBrowser()
        let target = try await browser.call("Target.createTarget", ["url": "about:blank"])
        let attached = try await browser.call(
            "Target.attachToTarget",
            ["targetId": target["targetId"] ?? "", "flatten": true]
        )
        browser.session.withLock { $0 = attached["sessionId"] as? String ?? "" }
        for domain in ["Page", "Runtime", "Log"] { _ = try await browser.call(domain + ".enable") }
        return browser
    }

    private init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "larder-browser-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A browser that has died shall be an error of the call.
        signal(SIGPIPE, SIG_IGN)
        let (commands, answers) = (Pipe(), Pipe())
        // It takes commands from its fourth file, and answers into its fifth.
        process = try ChildProcess(
            "/bin/sh",
            ["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", Self.executable ?? "chromium"]
                + [
                    "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--no-first-run", "--disable-gpu",
                    "--disable-dev-shm-usage", "--disable-extensions", "--disable-background-networking",
                    "--hide-scrollbars", "--user-data-dir=\(folder.path)",
                ],
            input: commands.fileHandleForReading.fileDescriptor,
            output: answers.fileHandleForWriting.fileDescriptor
        )
        input = commands.fileHandleForWriting
        output = answers.fileHandleForReading
        try commands.fileHandleForReading.close()
        try answers.fileHandleForWriting.close()
        Thread.detachNewThread { [weak self, output] in
            var rest = Data()
            while case let data = output.availableData, !data.isEmpty {
                rest.append(data)
                while let end = rest.firstIndex(of: 0) {
                    self?.take(rest[rest.startIndex..<end])
                    rest = Data(rest[(end + 1)...])
                }
            }
            self?.end()
        }
    }

    /// Kills it, and does not wait for that: a test must not hold a thread of the shared pool.
    ///
    /// To be called once.
    package func stop() {
        process.signal(SIGKILL)
        Thread.detachNewThread { [process, folder] in
            process.waitForEnd()
            try? FileManager.default.removeItem(at: folder)
        }
    }

    // MARK: Looking

    /// What scripts, and the policies of the page, complained of so far.
    package var complaints: [String] { state.withLock { $0.complaints } }

    /// Opens a page.
    ///
    /// - Parameters:
    ///   - url: Its address.
    ///   - width: The width of the window in pixels.
    ///   - height: Its height.
    ///   - isDark: Whether the reader prefers dark pages.
    /// - Throws: ``Failure``.
    package func open(_ url: String, width: Int = 1_280, height: Int = 900, isDark: Bool = false) async throws {
        try await show(width: width, height: height, isDark: isDark)
        _ = try await call("Page.navigate", ["url": url])
    }

    /// Changes the window and what the reader prefers.
    package func show(width: Int, height: Int, isDark: Bool) async throws {
        _ = try await call(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600]
        )
        let scheme = ["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]
        _ = try await call("Emulation.setEmulatedMedia", ["features": [scheme]])
    }

    /// Runs a script, and waits for the promise that it may give.
    ///
    /// - Returns: What it gives, as text.
    package func evaluate(_ script: String) async throws -> String {
        let answer = try await call(
            "Runtime.evaluate",
            ["expression": "(async () => String(\(script)))()", "awaitPromise": true, "returnByValue": true]
        )
        if let problem = answer["exceptionDetails"] { throw Failure(description: "\(script): \(problem)") }
        return (answer["result"] as? [String: Any])?["value"] as? String ?? ""
    }

    /// Waits until a condition holds on the page, however long that takes.
    ///
    /// - Parameter condition: An expression of JavaScript; one that fails does not hold yet.
    /// - Throws: ``Failure`` if the browser has ended, or `CancellationError`.
    package func wait(until condition: String) async throws {
        while true {
            // A page that is just being opened takes what runs in it along.
            let script = """
                await new Promise(done => {
                  let looks = 0;
                  const look = () => {
                    let holds = false;
                    try { holds = Boolean(\(condition)); } catch { }
                    if (holds || ++looks > 40) done(holds); else setTimeout(look, 25);
                  };
                  look();
                })
                """
            if (try? await evaluate(script)) == "true" { return }
            if state.withLock({ $0.isOver }) { throw Failure(description: "the browser has ended") }
            try Task.checkCancellation()
        }
    }

    /// Presses a key, as named by `KeyboardEvent.key`.
    package func press(_ key: String, code: Int) async throws {
        for type in ["rawKeyDown", "keyUp"] {
            _ = try await call(
                "Input.dispatchKeyEvent",
                ["type": type, "key": key, "code": key, "windowsVirtualKeyCode": code]
            )
        }
    }

    /// A picture of the whole page, as PNG.
    package func screenshot() async throws -> Data {
        let answer = try await call("Page.captureScreenshot", ["format": "png", "captureBeyondViewport": true])
        guard let data = Data(base64Encoded: answer["data"] as? String ?? "") else {
            throw Failure(description: "there is no picture")
        }
        return data
    }

    // MARK: The protocol

    private func call(_ method: String, _ parameters: [String: Any] = [:]) async throws -> [String: Any] {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        var message: [String: Any] = ["id": id, "method": method, "params": parameters]
        let session = session.withLock { $0 }
        if !session.isEmpty { message["sessionId"] = session }
        let bytes = try JSONSerialization.data(withJSONObject: message) + [0]
        let answer: Data = try await withCheckedThrowingContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.waiting[id] = continuation }
                return state.isOver
            }
            guard !isOver else {
                return continuation.resume(throwing: Failure(description: "the browser has ended"))
            }
            do {
                try input.write(contentsOf: bytes)
            } catch {
                state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(throwing: error)
            }
        }
        let object = try JSONSerialization.jsonObject(with: answer) as? [String: Any] ?? [:]
        if let error = object["error"] { throw Failure(description: "\(method): \(error)") }
        return object["result"] as? [String: Any] ?? [:]
    }

    private func take(_ message: Data) {
        guard let object = try? JSONSerialization.jsonObject(with: message) as? [String: Any] else { return }
        if let id = object["id"] as? Int {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(returning: Data(message))
        } else if let method = object["method"] as? String {
            let text = String(decoding: message, as: UTF8.self)
            let isError = text.contains(#""level":"error""#)
            guard method == "Runtime.exceptionThrown" || method == "Log.entryAdded" && isError else { return }
            state.withLock { $0.complaints.append(text) }
        }
    }

    private func end() {
        let waiting = state.withLock { state in
            state.isOver = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume(throwing: Failure(description: "the browser has ended")) }
    }
}
