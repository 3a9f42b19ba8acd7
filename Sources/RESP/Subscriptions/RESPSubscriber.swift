public import Logging
import NIOConcurrencyHelpers
public import NIOCore

/// Listens to channels on a connection of its own, and subscribes again whenever that connection was lost.
///
/// ```swift
/// let subscriber = try RESPSubscriber(configuration, channels: ["news"])
/// for await event in subscriber.events {
///     if case .message(let message) = event { … }
/// }
/// ```
///
/// A server keeps no messages for a subscriber that is away. After ``Event/interrupted`` messages may be missing, and
/// ``Event/subscribed`` tells from when on they come again.
public final class RESPSubscriber: Sendable {
    /// What a subscriber is told.
    public enum Event: Hashable, Sendable {
        /// The server has confirmed all channels; messages that are published from now on will come.
        case subscribed
        /// A message was published.
        case message(RESPMessage)
        /// The connection was lost, or too many messages waited to be read: some may be missing.
        case interrupted
    }

    /// The events, to be read by one task.
    public let events: AsyncStream<Event>

    private let state: NIOLockedValueBox<SubscriberState>
    private let continuation: AsyncStream<Event>.Continuation
    private let connection: RESPConnection

    /// Begins to connect and to subscribe, and returns without waiting for it.
    ///
    /// - Parameters:
    ///   - configuration: Where to connect to, as whom, and the bounds.
    ///   - channels: The names of channels.
    ///   - patterns: Patterns of names, in which `*`, `?` and `[…]` stand for others.
    ///   - maximumWaitingEvents: How many events may wait to be read, at least 2; further ones are dropped.
    ///   - group: The event loops, of which the connection uses one; `nil` is NIO's own group.
    ///   - logger: Where the connection tells that it was lost or made.
    /// - Throws: ``RESPError`` with the code `invalidConfiguration`.
    public init(
        _ configuration: RESPConfiguration,
        channels: [String],
        patterns: [String] = [],
        maximumWaitingEvents: Int = 16_384,
        group: (any EventLoopGroup)? = nil,
        logger: Logger = .current
    ) throws(RESPError) {
        guard !channels.isEmpty || !patterns.isEmpty else {
            throw RESPError(.invalidConfiguration, "a subscriber needs a channel or a pattern")
        }
        let state = NIOLockedValueBox(SubscriberState(channels: channels.count + patterns.count))
        let (events, continuation) = AsyncStream.makeStream(
            of: Event.self,
            bufferingPolicy: .bufferingOldest(max(2, maximumWaitingEvents))
        )
        self.state = state
        self.events = events
        self.continuation = continuation
        let reference = NIOLockedValueBox<WeakConnection>(WeakConnection())
        connection = try RESPConnection(configuration, group: group, logger: logger, receivesMessages: true) { event in
            if case .connected = event {
                let connection = reference.withLockedValue { $0.connection }
                connection?.subscribe(channels: channels, patterns: patterns)
            }
            Self.tell(state.withLockedValue { $0.receive(event) }, to: continuation, state)
        }
        reference.withLockedValue { $0.connection = connection }
        connection.start()
    }

    deinit {
        continuation.finish()
    }

    /// Unsubscribes, disconnects and ends ``events``.
    public func close() async {
        await connection.close()
        continuation.finish()
    }

    static func tell(
        _ event: Event?,
        to continuation: AsyncStream<Event>.Continuation,
        _ state: NIOLockedValueBox<SubscriberState>
    ) {
        guard let event else { return }
        // A reader that is too slow learns of the gap before anything that came after it.
        if state.withLockedValue({ $0.hasDropped }) {
            guard case .enqueued = continuation.yield(.interrupted) else { return }
            state.withLockedValue { $0.hasDropped = false }
        }
        if case .dropped = continuation.yield(event) { state.withLockedValue { $0.hasDropped = true } }
    }
}

private struct WeakConnection: Sendable {
    weak var connection: RESPConnection?
}

extension RESPConnection {
    fileprivate func subscribe(channels: [String], patterns: [String]) {
        let names = channels.map { RESPArgument.text($0) }
        let globs = patterns.map { RESPArgument.text($0) }
        // They fail only on a connection that is closed, which needs no subscriptions.
        if !names.isEmpty { try? send(RESPCommand("SUBSCRIBE", arguments: names), hasReply: false) }
        if !globs.isEmpty { try? send(RESPCommand("PSUBSCRIBE", arguments: globs), hasReply: false) }
    }
}
