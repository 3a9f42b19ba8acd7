public import Logging
public import NIOCore
import NIOPosix

/// A connection that any number of tasks share, and that mends itself.
///
/// Each call is encoded and queued on the caller's thread. The event loop sends all that is queued in one write, and
/// resumes the waiting tasks in the order of the replies; nothing waits for a timer. So commands of many tasks share
/// system calls without being told to, and a single task is not delayed.
///
/// - **Cancellation** of a task ends its wait. The command may be carried out; its reply is dropped. The connection
///   and the other tasks do not notice.
/// - **Deadlines.** Each call ends within ``RESPConfiguration/timeout``. A connection on which nothing arrived for
///   that long, though replies are due, is given up.
/// - **Reconnecting.** A lost connection is made again, at once, then with growing pauses. Calls that come in the
///   meantime wait; those that were sent fail with the code `connectionLost`, unless they are repeatable.
/// - **Bounds.** Calls beyond the bounds fail at once with the code `overloaded`.
///
/// ```swift
/// let connection = try RESPConnection(RESPConfiguration(url: "redis://127.0.0.1"))
/// let reply = try await connection.execute(RESPCommand("GET", "greeting"))
/// await connection.close()
/// ```
///
/// Commands that block the connection, such as `BLPOP` or `XREAD` with `BLOCK`, need a connection of their own; see
/// ``dedicated(timeout:)``. Messages of channels come to a ``RESPSubscriber``.
public final class RESPConnection: Sendable {
    let session: Session
    let configuration: RESPConfiguration
    let group: (any EventLoopGroup)?
    let logger: Logger

    /// Begins to connect, and returns without waiting for it.
    ///
    /// - Parameters:
    ///   - configuration: Where to connect to, as whom, and the bounds.
    ///   - group: The event loops, of which the connection uses one; `nil` is NIO's own group.
    ///   - logger: Where the connection tells that it was lost or made.
    ///   - onEvent: Told of connections, losses and push messages, on the event loop, in order; it must not block.
    /// - Throws: ``RESPError`` with the code `invalidConfiguration`.
    public convenience init(
        _ configuration: RESPConfiguration,
        group: (any EventLoopGroup)? = nil,
        logger: Logger = .current,
        onEvent: (@Sendable (RESPEvent) -> Void)? = nil
    ) throws(RESPError) {
        try self.init(configuration, group: group, logger: logger, receivesMessages: false, onEvent: onEvent)
        start()
    }

    /// Makes a connection that begins to connect when it is told to.
    ///
    /// - Parameters:
    ///   - configuration: Where to connect to, as whom, and the bounds.
    ///   - group: The event loops.
    ///   - logger: Where the connection tells that it was lost or made.
    ///   - receivesMessages: Whether arrays are messages of channels, as they are in version 2 of the protocol.
    ///   - onEvent: Told of connections, losses and push messages.
    /// - Throws: ``RESPError`` with the code `invalidConfiguration`.
    init(
        _ configuration: RESPConfiguration,
        group: (any EventLoopGroup)?,
        logger: Logger,
        receivesMessages: Bool,
        onEvent: (@Sendable (RESPEvent) -> Void)?
    ) throws(RESPError) {
        try configuration.validate()
        self.configuration = configuration
        self.group = group
        self.logger = logger
        session = Session(
            configuration,
            eventLoop: (group ?? MultiThreadedEventLoopGroup.singleton).next(),
            logger: logger,
            receivesMessages: receivesMessages,
            onEvent: onEvent
        )
    }

    deinit {
        session.close()
    }

    func start() { session.start() }

    /// Makes another connection to the same server.
    ///
    /// - Parameter timeout: How long its calls may take, more than zero: for commands that block, longer than they do.
    /// - Returns: The connection.
    /// - Throws: ``RESPError`` with the code `invalidConfiguration`.
    public func dedicated(timeout: Duration? = nil) throws(RESPError) -> RESPConnection {
        var configuration = configuration
        configuration.timeout = timeout ?? configuration.timeout
        return try RESPConnection(configuration, group: group, logger: logger)
    }

    /// Where the connection leads by its configuration; what sentinels say instead is not seen here.
    public var endpoint: RESPEndpoint { configuration.endpoint }

    /// Takes no more calls, waits until those that were sent have ended, and disconnects.
    public func close() async {
        session.close()
        await session.waitUntilClosed()
    }
}

// MARK: - Calls

extension RESPConnection {
    /// Sends a command and waits for its reply.
    ///
    /// - Parameter command: The command.
    /// - Returns: The reply, which is no error.
    /// - Throws: ``RESPError``, with the code `serverError` if the reply is an error; `CancellationError` if the task
    ///   is cancelled.
    public func execute(_ command: RESPCommand) async throws -> RESPValue {
        let reply = try await call(
            command.bytes,
            replyCount: 1,
            isPipeline: false,
            isRepeatable: command.isRepeatable
        )
        if case .error(let error) = reply { throw RESPError(error) }
        return reply
    }

    /// Sends several commands in one piece and waits for all replies.
    ///
    /// - Parameter pipeline: The commands.
    /// - Returns: A reply for each command, in order; some may be errors.
    /// - Throws: ``RESPError``; `CancellationError` if the task is cancelled.
    public func execute(_ pipeline: RESPPipeline) async throws -> [RESPValue] {
        guard pipeline.count > 0 else { return [] }
        let reply = try await call(
            pipeline.bytes,
            replyCount: pipeline.count,
            isPipeline: true,
            isRepeatable: pipeline.isRepeatable
        )
        return reply.elements ?? []
    }

    /// Sends a command whose reply does not matter, or that has none, such as `SUBSCRIBE`.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - hasReply: Whether the server answers it with a reply.
    /// - Throws: ``RESPError`` if the connection was closed or is overloaded.
    public func send(_ command: RESPCommand, hasReply: Bool = true) throws {
        try session.submit(session.nextCall(), command.bytes, replyCount: hasReply ? 1 : 0, isPipeline: false, nil)
    }

    /// Sends several commands in one piece, and not again when the connection breaks.
    ///
    /// - Parameter commands: The commands.
    /// - Returns: A reply for each command, in order; some may be errors.
    /// - Throws: ``RESPError``; `CancellationError` if the task is cancelled.
    func executeOnce(_ commands: [RESPCommand]) async throws -> [RESPValue] {
        let pipeline = RESPPipeline(commands)
        return try await callOnce(pipeline.bytes, replyCount: pipeline.count, isPipeline: true).elements ?? []
    }

    private func call(
        _ bytes: [UInt8],
        replyCount: Int,
        isPipeline: Bool,
        isRepeatable: Bool
    ) async throws -> RESPValue {
        do {
            return try await callPrimary(bytes, replyCount: replyCount, isPipeline: isPipeline)
        } catch {
            guard isRepeatable else { throw error }
            return try await repeatCall(bytes, replyCount: replyCount, isPipeline: isPipeline, after: error)
        }
    }

    /// Calls again as long as connections break and a timeout has not passed since the first one did.
    private func repeatCall(
        _ bytes: [UInt8],
        replyCount: Int,
        isPipeline: Bool,
        after error: any Error
    ) async throws -> RESPValue {
        let end = ContinuousClock.now + configuration.timeout
        var error = error
        while let lost = error as? RESPError, lost.code == .connectionLost, ContinuousClock.now < end {
            do {
                return try await callPrimary(bytes, replyCount: replyCount, isPipeline: isPipeline)
            } catch let next {
                error = next
            }
        }
        throw error
    }

    /// Calls, and leaves a server that sentinels have made a replica.
    @inline(__always)
    private func callPrimary(_ bytes: [UInt8], replyCount: Int, isPipeline: Bool) async throws -> RESPValue {
        let reply = try await callOnce(bytes, replyCount: replyCount, isPipeline: isPipeline)
        let isRefused = configuration.sentinel != nil && (reply.isRefusalOfReplica || reply.containsRefusalOfReplica)
        if isRefused { throw RESPError.becameReplica }
        return reply
    }

    @inline(__always)
    private func callOnce(_ bytes: [UInt8], replyCount: Int, isPipeline: Bool) async throws -> RESPValue {
        let session = session
        let call = session.nextCall()
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                do {
                    try session.submit(call, bytes, replyCount: replyCount, isPipeline: isPipeline, continuation)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } onCancel: {
            session.cancel(call)
        }
    }
}

/// What happens to a connection besides calls.
public enum RESPEvent: Sendable {
    /// A connection was made; calls can be sent in this version of the protocol.
    case connected(protocolVersion: Int)
    /// The connection was lost, or an attempt to connect failed.
    case disconnected(RESPError)
    /// The server sent a message that answers no call.
    case push([RESPValue])
}
