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
        var channel: (any Channel)?
        var handshake: Handshake?
        var backoff: Backoff
        var isClosing = false
        var isClosed = false
        var deadlineTimer: Scheduled<Void>?
        var healthTimer: RepeatedTask?
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
        let admission = withQueue {
            $0.submit(call, bytes: bytes, replyCount: replyCount, isPipeline: isPipeline, completion: completion)
        }
        switch admission {
        case .queued: return
        case .needsWakeUp: eventLoop.execute { self.turn() }
        case .refused(let error): throw error
        }
    }

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
        let now = NIODeadline.now()
        let isWritable = loop.channel.map { $0.isWritable && loop.handshake == nil } ?? false
        var buffer = ByteBuffer()
        swap(&buffer, &loop.spare)
        buffer.clear()
        let (deadline, hasOutput) = withQueue { queue in
            let deadline = queue.beginTurn(now: Int64(now.uptimeNanoseconds), timeout: timeout)
            return (deadline, isWritable && queue.takeOutput(&buffer))
        }
        if hasOutput { loop.channel?.writeAndFlush(buffer, promise: nil) }
        // Kept for the next turn: the socket has let go of it by then, unless it could not take all of the bytes.
        swap(&buffer, &loop.spare)
        if loop.deadlineTimer == nil, let deadline { scheduleDeadline(deadline) }
    }

    /// Takes replies and push messages, in order.
    func receive(_ values: inout [RESPValue]) {
        if loop.handshake != nil { continueHandshake(&values) }
        if values.isEmpty { return }
        loop.backoff.reset()
        let isExpected = withQueue { queue in
            queue.receive(&values, into: &loop.answers)
        }
        tell()
        if !isExpected { lose(.violation("a reply to no call")) }
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
