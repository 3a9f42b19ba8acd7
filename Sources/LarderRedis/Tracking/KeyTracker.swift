import Logging
import NIOConcurrencyHelpers
import NIOCore
import RESP

/// Has the server tell of each change of a key with a prefix, on a connection of its own.
///
/// This is `CLIENT TRACKING` in its broadcasting mode, which needs no memory on the server for the keys that are read.
/// The connection is made again when it is lost; what happened in between nobody knows.
final class KeyTracker: Sendable {
    enum Event: Hashable, Sendable {
        /// The names of keys that have changed.
        case names([[UInt8]])
        /// Changes may have gone unnoticed, and may until further notice.
        case lost
        /// Each change is told from here on.
        case tracking
    }

    fileprivate struct State {
        /// Which of the connections it is.
        var generation = 0
        var isTracking = false
        /// Whether events were dropped because they were not read in time.
        var hasDropped = false
        weak var connection: RESPConnection?
    }

    let events: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation
    private let state: NIOLockedValueBox<State>
    private let connection: RESPConnection

    init(
        prefix: [UInt8],
        _ configuration: RESPConfiguration,
        group: (any EventLoopGroup)?,
        logger: Logger
    ) throws(RESPError) {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingOldest(4_096))
        let state = NIOLockedValueBox(State())
        self.events = events
        self.continuation = continuation
        self.state = state
        let command = RESPCommand("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", .bytes(prefix))
        connection = try RESPConnection(configuration, group: group, logger: logger) { event in
            switch event {
            case .connected(let version):
                let generation = state.withLockedValue { state in
                    state.generation += 1
                    return state.generation
                }
                guard version >= 3 else {
                    return logger.error("The server cannot tell of changes, since it does not know RESP3")
                }
                Task { await Self.track(command, generation, state, continuation, logger) }
            case .disconnected:
                state.withLockedValue { state in
                    state.generation += 1
                    guard state.isTracking else { return }
                    state.isTracking = false
                    state.send(.lost, to: continuation)
                }
            case .push(let elements):
                guard elements.count == 2, elements[0].string == "invalidate" else { return }
                state.withLockedValue { state in
                    if let names = elements[1].elements?.compactMap(\.stringBytes) {
                        state.send(.names(names), to: continuation)
                    } else if state.isTracking {
                        // The server was emptied.
                        state.send(.lost, to: continuation)
                        state.send(.tracking, to: continuation)
                    }
                }
            }
        }
        state.withLockedValue { $0.connection = connection }
    }

    private static func track(
        _ command: RESPCommand,
        _ generation: Int,
        _ state: NIOLockedValueBox<State>,
        _ continuation: AsyncStream<Event>.Continuation,
        _ logger: Logger
    ) async {
        do {
            // The connection may be made before its maker has returned.
            while state.withLockedValue({ $0.connection == nil && $0.generation == generation }) { await Task.yield() }
            guard let connection = state.withLockedValue({ $0.connection }) else { return }
            _ = try await connection.execute(command)
            state.withLockedValue { state in
                // Otherwise another connection has taken its place, or will.
                guard state.generation == generation else { return }
                state.isTracking = true
                state.send(.tracking, to: continuation)
            }
        } catch {
            logger.warning("The server does not tell of changes", metadata: ["error": "\(error)"])
        }
    }

    /// Whether events were dropped since this was asked the last time.
    func takeLoss() -> Bool {
        state.withLockedValue { state in
            defer { state.hasDropped = false }
            return state.hasDropped
        }
    }

    var isTracking: Bool { state.withLockedValue { $0.isTracking } }

    func close() async {
        continuation.finish()
        await connection.close()
    }
}

extension KeyTracker.State {
    fileprivate mutating func send(
        _ event: KeyTracker.Event,
        to continuation: AsyncStream<KeyTracker.Event>.Continuation
    ) {
        if case .dropped = continuation.yield(event) { hasDropped = true }
    }
}
