public import ArgumentParser
import AsyncHTTPClient
import Foundation
public import Larder
import LarderMonitoring
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// Where a snapshot is read from: a running process, or a file.
struct SnapshotPlace: Sendable {
    private static let longest = 64 << 20
    private static let timeout = TimeAmount.seconds(10)

    /// As it was given.
    let text: String

    /// Whether it is the address of a dashboard.
    var isAddress: Bool { text.hasPrefix("http://") || text.hasPrefix("https://") }

    /// Reads a snapshot.
    ///
    /// - Parameter window: The window to ask a process for; a file has that over which it was taken.
    /// - Returns: The snapshot.
    /// - Throws: ``CommandError`` with a word on what to do, or ``SnapshotError``.
    func snapshot(over window: StatisticsWindow) async throws -> MonitoringSnapshot {
        try MonitoringSnapshot(json: isAddress ? await fetch(window) : read())
    }

    private func read() throws -> Data {
        guard let data = FileManager.default.contents(atPath: text) else {
            throw CommandError(
                "There is no file '\(text)' that can be read. Give one with a snapshot, or http://HOST:PORT/larder."
            )
        }
        return data
    }

    private func fetch(_ window: StatisticsWindow) async throws -> Data {
        var base = text.prefix { $0 != "?" && $0 != "#" }
        while base.hasSuffix("/") { base.removeLast() }
        var request = HTTPClientRequest(url: "\(base)/snapshot.json?window=\(window.rawValue)")
        if let token = ProcessInfo.processInfo.environment["LARDER_TOKEN"] {
            request.headers.add(name: "Authorization", value: "Bearer \(token)")
        }
        let response: HTTPClientResponse
        do {
            response = try await HTTPClient.shared.execute(request, timeout: Self.timeout)
        } catch {
            throw CommandError("\(base) does not answer (\(error)). Is the process running, and its dashboard there?")
        }
        guard response.status == .ok else {
            throw CommandError(
                """
                \(base) answered \(response.status.code). Give the address of the dashboard, as in \
                http://127.0.0.1:8080/larder, and what it asks for in the environment variable LARDER_TOKEN.
                """
            )
        }
        return Data(buffer: try await response.body.collect(upTo: Self.longest))
    }
}

extension StatisticsWindow: ExpressibleByArgument {}
