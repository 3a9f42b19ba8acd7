import Logging
import NIOConcurrencyHelpers
import NIOCore
import Synchronization

/// The two halves of a connection: the queue, which any thread may touch, and the channel, which belongs to one
/// event loop.
///
/// `@unchecked Sendable`: the queue is guarded by its lock; `Loop`, which holds all else that changes, is touched on the
/// event loop alone.
final class Session: @unchecked Sendable {
    typealias Completion = UnsafeContinuation<RESPValue, any Error>
    typealias Queue = CallQueue<Completion>

    /// What belongs to the event loop.
    struct Loop {
        /// The server that is connected to, or that was last.
        var endpoint: RESPEndpoint
        var channel: (any Channel)?
        var handshake: Handshake?
        var backoff: Backoff
        var isClosing = false
        var isClosed = false
        var deadlineTimer: Scheduled<Void>?
        var healthTimer: RepeatedTask?
        var deadlineLookout: RepeatedTask?
        var lastArrival = NIODeadline.now()
        var spare = ByteBuffer()
        var answers: [Queue.Answer] = []
    }

    let configuration: RESPConfiguration
    let eventLoop: any EventLoop
    let logger: Logger
    let onEvent: (@Sendable (RESPEvent) -> Void)?
    let receivesMessages: Bool
    let timeout: Int64
    let closed: EventLoopPromise<Void>
    private let lastCall = Atomic<UInt64>(0)
    private let queue: NIOLockedValueBox<Queue>
    var loop: Loop

    init(
        _ configuration: RESPConfiguration,
        eventLoop: any EventLoop,
        logger: Logger,
        receivesMessages: Bool,
        onEvent: (@Sendable (RESPEvent) -> Void)?
    ) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        self.receivesMessages = receivesMessages
        self.onEvent = onEvent
        timeout = TimeAmount(configuration.timeout).nanoseconds
        closed = eventLoop.makePromise()
        queue = NIOLockedValueBox(
            Queue(maximumCalls: configuration.maximumPendingCalls, maximumBytes: configuration.maximumPendingBytes)
        )
        loop = Loop(
            endpoint: configuration.endpoint,
            backoff: Backoff(shortest: configuration.shortestBackoff, longest: configuration.longestBackoff)
        )
    }

    /// Works on the queue under its lock.
    @inline(__always)
    func withQueue<Output>(_ body: (inout Queue) throws -> Output) rethrows -> Output {
        try queue.withLockedValue(body)
    }
}

// MARK: - Any thread

extension Session {
    /// The number of the next call.
    @inline(__always)
    func nextCall() -> UInt64 { lastCall.wrappingAdd(1, ordering: .relaxed).newValue }

    @inline(__always)
    func submit(
        _ call: UInt64,
        _ bytes: [UInt8],
        replyCount: Int,
        isPipeline: Bool,
        _ completion: Completion?
    ) throws {
        var output = ByteBuffer()
        let admission = withQueue { queue in
            let admission = queue.submit(
                call,
                bytes: bytes,
                replyCount: replyCount,
                isPipeline: isPipeline,
                completion: completion
            )
            if case .mayWrite = admission {
                _ = queue.setDeadlines(now: now, timeout: timeout)
                _ = queue.takeOutput(&output, isCaller: true)
            }
            return admission
        }
        switch admission {
        case .queued: return
        case .needsWakeUp: eventLoop.execute { self.turn() }
        case .mayWrite(let writer): write(output, writer)
        case .refused(let error): throw error
        }
    }

    /// Writes on the caller's thread; what the socket does not take, the event loop writes.
    private func write(_ output: ByteBuffer, _ writer: Queue.Writer) {
        var output = output
        writer.socket?.write(&output)
        guard output.readableBytes == 0 else {
            let rest = output
            return eventLoop.execute {
                self.withQueue { $0.moveToEventLoop(writer) }
                self.writeOnLoop(rest, writer)
                self.turn()
            }
        }
        output.clear()
        let hasMore = withQueue { queue in
            queue.recycle(&output)
            return queue.finishWriting(writer)
        }
        if hasMore { eventLoop.execute { self.turn() } }
    }

    private var now: Int64 { Int64(NIODeadline.now().uptimeNanoseconds) }

    func cancel(_ call: UInt64) {
        withQueue { $0.cancel(call) }?.resume(throwing: CancellationError())
    }

    /// Begins to connect.
    func start() {
        eventLoop.execute { self.connect() }
    }

    /// Takes no more calls, and disconnects when those that were sent have ended.
    func close() {
        eventLoop.execute { self.beginClosing() }
    }

    func waitUntilClosed() async {
        try? await closed.futureResult.get()
    }
}

// MARK: - The event loop

extension Session {
    /// Sends what is queued.
    func turn() {
        var buffer = ByteBuffer()
        swap(&buffer, &loop.spare)
        buffer.clear()
        let (deadline, writer) = withQueue { queue in
            queue.beginTurn()
            let deadline = queue.setDeadlines(now: now, timeout: timeout)
            return (deadline, isOpen ? queue.takeOutput(&buffer) : nil)
        }
        if let writer { writeOnLoop(buffer, writer) }
        // Kept for the next turn: the socket has let go of it by then, unless it could not take all of the bytes.
        swap(&buffer, &loop.spare)
        if loop.deadlineTimer == nil, let deadline { scheduleDeadline(deadline) }
    }

    private var isOpen: Bool { loop.channel != nil && loop.handshake == nil }

    private func writeOnLoop(_ buffer: ByteBuffer, _ writer: Queue.Writer) {
        guard let channel = loop.channel, withQueue({ $0.isValid(writer) }) else { return }
        channel.writeAndFlush(buffer)
            .whenComplete { _ in
                if self.withQueue({ $0.finishWriting(writer) }) { self.eventLoop.execute { self.turn() } }
            }
    }

    /// Takes replies and push messages, in order.
    func receive(_ values: inout [RESPValue]) {
        if loop.handshake != nil { continueHandshake(&values) }
        if values.isEmpty { return }
        loop.backoff.reset()
        let isReplica = configuration.sentinel != nil && values.contains(where: \.isRefusalOfReplica)
        let isExpected = withQueue { queue in
            queue.receive(&values, into: &loop.answers)
        }
        tell()
        if !isExpected { lose(.violation("a reply to no call")) }
        if isReplica { lose(.becameReplica) }
        if loop.isClosing { finishClosing() }
    }

    /// Resumes the callers, outside of the lock.
    func tell() {
        var answers: [Queue.Answer] = []
        swap(&answers, &loop.answers)
        for answer in answers { answer.completion.resume(with: answer.result) }
        answers.removeAll(keepingCapacity: true)
        swap(&answers, &loop.answers)
    }
}
