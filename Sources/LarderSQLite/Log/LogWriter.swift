import Dispatch
import Foundation
import Larder
import MemoryCache
import SQLite

/// Appends to a log on a thread of its own, everything that waits in one transaction.
final class LogWriter: @unchecked Sendable {
    /// What a caller waits for.
    private struct Request {
        let bodies: [[UInt8]]
        let completion: CheckedContinuation<LogPosition, any Error>
    }

    private struct Backlog {
        var requests: [Request] = []
        var bytes = 0
        var isShutDown = false
    }

    private static let trimmedAtOnce = 20_000

    private let configuration: SQLiteInvalidationLog.Configuration
    private let now: @Sendable () -> Int64
    private let queue = DispatchQueue(label: "larder.sqlite.log")
    private let backlog = Locked(Backlog())
    // Sharing is safe because the connection and the count are only touched on the queue.
    private let connection: LogConnection
    private var appendsSinceTrim = 0

    init(
        location: StoreLocation,
        configuration: SQLiteInvalidationLog.Configuration,
        now: @escaping @Sendable () -> Int64
    ) {
        self.configuration = configuration
        self.now = now
        connection = LogConnection(location: location, configuration: configuration)
    }

    func append(_ bodies: [[UInt8]]) async throws -> LogPosition {
        let bytes = bodies.reduce(0) { $0 + $1.count }
        return try await withCheckedThrowingContinuation { completion in
            let refusal: SQLiteStoreError? = backlog.withLock { backlog in
                guard !backlog.isShutDown else { return .logShutDown }
                guard backlog.requests.isEmpty || backlog.bytes + bytes <= configuration.maximumQueuedBytes else {
                    return SQLiteStoreError(
                        .overloaded,
                        "\(backlog.bytes) bytes of records are waiting already. Append less at once."
                    )
                }
                backlog.requests.append(Request(bodies: bodies, completion: completion))
                backlog.bytes += bytes
                if backlog.requests.count == 1 { queue.async { self.appendAll() } }
                return nil
            }
            if let refusal { completion.resume(throwing: refusal) }
        }
    }

    func shutdown() async {
        backlog.withLock { $0.isShutDown = true }
        await withCheckedContinuation { continuation in
            queue.async {
                self.connection.close()
                continuation.resume()
            }
        }
    }

    private func appendAll() {
        let requests = backlog.withLock { backlog in
            defer {
                backlog.requests = []
                backlog.bytes = 0
            }
            return backlog.requests
        }
        guard !requests.isEmpty else { return }
        do {
            let positions = try append(requests)
            for (request, position) in zip(requests, positions) { request.completion.resume(returning: position) }
        } catch {
            for request in requests { request.completion.resume(throwing: error) }
        }
    }

    private func append(_ requests: [Request]) throws -> [LogPosition] {
        while true {
            let positions = try connection.perform { file in
                try file.connection.write {
                    let now = now()
                    let positions = try requests.map { try file.append($0.bodies, now: now) }
                    try trim(file, after: requests.reduce(0) { $0 + $1.bodies.count }, now: now)
                    return positions
                }
            }
            // A record in a file that somebody has just set aside is read by nobody.
            if !connection.hasMoved { return positions }
        }
    }

    private func trim(_ file: LogFile, after appends: Int, now: Int64) throws {
        appendsSinceTrim += appends
        guard appendsSinceTrim >= min(configuration.maximumRecords / 2, 256) else { return }
        appendsSinceTrim = 0
        let age = configuration.maximumAge.wholeMilliseconds
        try file.trim(keeping: configuration.maximumRecords, since: now - age, atMost: Self.trimmedAtOnce)
    }
}

extension SQLiteStoreError {
    static var logShutDown: SQLiteStoreError {
        SQLiteStoreError(.shutDown, "The log was shut down. Make a new one to use the file again.")
    }
}
