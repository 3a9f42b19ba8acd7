import Logging
import RESP

/// The events of a connection, to be waited for.
final class Events: Sendable {
    private let stream: AsyncStream<RESPEvent>
    let continuation: AsyncStream<RESPEvent>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// Waits for an event; those before it are skipped.
    func next<Output>(_ find: (RESPEvent) -> Output?) async -> Output? {
        for await event in stream {
            if let output = find(event) { return output }
        }
        return nil
    }

    /// Waits for a connection and tells the version of its protocol.
    @discardableResult
    func connected() async -> Int? {
        await next { if case .connected(let version) = $0 { version } else { nil } }
    }

    /// Waits for a loss and tells its reason.
    func disconnected() async -> RESPError? {
        await next { if case .disconnected(let error) = $0 { error } else { nil } }
    }

    /// Waits for a message that answers no call.
    func pushed() async -> [RESPValue]? {
        await next { if case .push(let elements) = $0 { elements } else { nil } }
    }
}

extension RESPConnection {
    /// Connects with settings that suit tests.
    static func connect(
        _ url: String,
        events: Events? = nil,
        _ change: (inout RESPConfiguration) -> Void = { _ in }
    ) throws -> RESPConnection {
        var configuration = try RESPConfiguration(url: url)
        configuration.timeout = .seconds(300)
        configuration.connectTimeout = .seconds(60)
        // A server that leaves out a reply would have the answer to a check taken for it.
        configuration.healthCheckInterval = .seconds(3_600)
        change(&configuration)
        return try RESPConnection(configuration, logger: Logger(label: "test")) { events?.continuation.yield($0) }
    }
}

/// Calls again while calls time out, as they may on a machine that is busy with other things.
func patiently<Output: Sendable>(_ call: () async throws -> Output) async throws -> Output {
    for _ in 0..<200 {
        do {
            return try await call()
        } catch let error as RESPError {
            guard error.code == .timedOut || error.code == .connectionLost else { throw error }
        }
    }
    return try await call()
}

/// The code of the error that an operation throws.
func errorCode(_ operation: () async throws -> some Sendable) async -> RESPError.Code? {
    do {
        _ = try await operation()
        return nil
    } catch {
        return (error as? RESPError)?.code
    }
}
