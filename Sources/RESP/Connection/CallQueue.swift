import NIOCore

/// The calls of a connection, from their arrival to their replies, and the bytes that are to be sent for them.
///
/// A value without a clock, a lock or I/O. While there is no connection, calls wait with their bytes and can still
/// be taken back; once there is one, their bytes are joined in one buffer and the calls wait for their replies in the
/// order of the protocol. A call that is cancelled or late leaves its place, so that its reply is dropped when it
/// comes.
///
/// `Completion` is what tells the caller; the tests use numbers.
struct CallQueue<Completion: Sendable>: Sendable {
    /// What became of a call that was handed in.
    enum Admission {
        /// It waits, and the event loop knows already that there is something to do.
        case queued
        /// It waits, and the event loop has to be told.
        case needsWakeUp
        /// It waits, and the caller's thread should take what there is to send and write it.
        case mayWrite(Writer)
        /// It was not taken.
        case refused(any Error)
    }

    /// A caller, and what it is told.
    struct Answer: Sendable {
        var completion: Completion
        var result: Result<RESPValue, any Error>
    }

    enum Phase: Sendable {
        /// There is no connection yet, or not any more.
        case waiting
        /// Bytes can be sent.
        case open
        /// The last server that was reached refused; new calls would wait in vain.
        case refused(RESPError)
        /// The owner closed it: no new calls; those that were sent are still answered.
        case closed(RESPError)
    }

    /// The right to write to the socket, which one thread at a time has.
    struct Writer: Sendable {
        /// The socket to write to from any thread; `nil` where only the event loop can write.
        var socket: DirectSocket?
        fileprivate var connection: Int
    }

    private struct Sent {
        var call: UInt64
        var completion: Completion?
        var repliesLeft: Int
        /// The replies so far of a call of several commands.
        var replies: [RESPValue]?
    }

    private struct Unsent {
        var call: UInt64
        var completion: Completion?
        var replyCount: Int
        var isPipeline: Bool
        var bytes: [UInt8]
    }

    private let maximumCalls: Int
    private let maximumBytes: Int

    private(set) var phase = Phase.waiting
    private var sent = CircularBuffer<Sent>(initialCapacity: 64)
    private var unsent = CircularBuffer<Unsent>()
    private var unsentBytes = 0
    private var output = ByteBuffer()
    private var isWakeUpUnderWay = false
    private var socket: DirectSocket?
    private var connection = 0
    private var isWriting = false
    private var isCallerWriting = false
    /// How many replies came together the last time, which is about how many callers take turns.
    private var lastBurst = 0
    private var newestCall: UInt64 = 0
    private var deadlines = Deadlines()
    private var cancelledEarly: Set<UInt64> = []

    init(maximumCalls: Int, maximumBytes: Int) {
        self.maximumCalls = maximumCalls
        self.maximumBytes = maximumBytes
    }

    /// Whether no call waits for anything.
    var isEmpty: Bool { sent.isEmpty && unsent.isEmpty }

    /// How many calls wait for replies or for a connection.
    var count: Int { sent.count + unsent.count }

    /// How many bytes wait to be handed to the socket.
    var outputBytes: Int { output.readableBytes + unsentBytes }

    /// Whether anybody waits for the reply to a call that was sent.
    var isAwaitingReplies: Bool { sent.contains { $0.completion != nil } }
}

// MARK: - Callers

extension CallQueue {
    /// Takes a call.
    ///
    /// - Parameters:
    ///   - call: Its number, about in the order of the calls.
    ///   - bytes: The commands.
    ///   - replyCount: How many replies they get; without any, the call is done when it is queued.
    ///   - isPipeline: Whether the replies are handed over as an array.
    ///   - completion: Whom to tell; `nil` drops the replies.
    /// - Returns: Whether the call was taken, and whether the event loop has to be told.
    mutating func submit(
        _ call: UInt64,
        bytes: [UInt8],
        replyCount: Int,
        isPipeline: Bool,
        completion: Completion?
    ) -> Admission {
        switch phase {
        case .open, .waiting: break
        case .refused(let error), .closed(let error): return .refused(error)
        }
        if !cancelledEarly.isEmpty, cancelledEarly.remove(call) != nil { return .refused(CancellationError()) }
        guard count < maximumCalls, bytes.count <= maximumBytes - outputBytes else {
            return .refused(RESPError(.overloaded, "\(count) calls and \(outputBytes) bytes wait; call less often"))
        }
        if case .open = phase {
            output.writeBytes(bytes)
            expectReplies(call, replyCount, isPipeline, completion)
        } else {
            unsentBytes += bytes.count
            unsent.append(
                Unsent(
                    call: call,
                    completion: completion,
                    replyCount: replyCount,
                    isPipeline: isPipeline,
                    bytes: bytes
                )
            )
        }
        newestCall = max(newestCall, call)
        if mayWriteDirectly { return .mayWrite(Writer(socket: socket, connection: connection)) }
        // A caller that is writing looks for more when it is done, which is soon.
        if isWakeUpUnderWay || isCallerWriting { return .queued }
        isWakeUpUnderWay = true
        return .needsWakeUp
    }

    /// Whether the caller's thread writes itself instead of waking the event loop: for a call that is alone, which
    /// gets its reply sooner, and for every few hundred calls, which the server works on while others are made.
    private var mayWriteDirectly: Bool {
        guard socket != nil, !isWriting else { return false }
        let bytes = output.readableBytes
        let isAlone = sent.count == 1 && lastBurst <= 1
        return isAlone ? bytes <= 64 << 10 : 8 << 10...64 << 10 ~= bytes
    }

    @inline(__always)
    private mutating func expectReplies(
        _ call: UInt64,
        _ replyCount: Int,
        _ isPipeline: Bool,
        _ completion: Completion?
    ) {
        guard replyCount > 0 else { return }
        sent.append(
            Sent(call: call, completion: completion, repliesLeft: replyCount, replies: isPipeline ? [] : nil)
        )
    }

    /// Forgets the caller of a call; the call's reply is dropped when it comes.
    ///
    /// - Returns: The caller, to be told; `nil` if it was told already, or if the call has not come yet, in which
    ///   case it will be refused.
    mutating func cancel(_ call: UInt64) -> Completion? {
        if let index = sent.firstIndex(where: { $0.call == call }) {
            defer { sent[index].completion = nil }
            return sent[index].completion
        }
        if let index = unsent.firstIndex(where: { $0.call == call }) {
            let taken = unsent.remove(at: index)
            unsentBytes -= taken.bytes.count
            return taken.completion
        }
        // It has not come yet, or it was answered a moment ago; which of the two cannot be told.
        cancelledEarly.insert(call)
        return nil
    }
}

// MARK: - The event loop

extension CallQueue {
    /// Begins a turn of the event loop: later calls ask for another one.
    mutating func beginTurn() {
        isWakeUpUnderWay = false
    }

    /// Gives a deadline to the calls that have none yet.
    ///
    /// - Returns: The earliest deadline of all.
    mutating func setDeadlines(now: Int64, timeout: Int64) -> Int64? {
        deadlines.add(newestCall, now: now, timeout: timeout)
        return deadlines.earliest
    }

    /// Takes the bytes to send, and with them the right to write until ``finishWriting(_:)``.
    ///
    /// - Parameters:
    ///   - spare: An empty buffer, whose memory is used for the next bytes.
    ///   - isCaller: Whether the thread of a caller is going to write, and not the event loop.
    /// - Returns: The right to write; `nil` if there is nothing to send, or if another thread is writing.
    mutating func takeOutput(_ spare: inout ByteBuffer, isCaller: Bool = false) -> Writer? {
        guard !isWriting, output.readableBytes > 0 else { return nil }
        swap(&output, &spare)
        isWriting = true
        isCallerWriting = isCaller
        return Writer(socket: socket, connection: connection)
    }

    /// Whether the right to write is for the present connection; bytes for a lost one must not go to the next.
    func isValid(_ writer: Writer) -> Bool { writer.connection == connection }

    /// Moves the right to write from a caller to the event loop, which may take long.
    mutating func moveToEventLoop(_ writer: Writer) {
        if isValid(writer) { isCallerWriting = false }
    }

    /// Gives back the memory of bytes that were written, for the next ones.
    mutating func recycle(_ spare: inout ByteBuffer) {
        if output.capacity == 0 { swap(&output, &spare) }
    }

    /// Gives back the right to write.
    ///
    /// - Returns: Whether the event loop has to be told that there is more to send.
    mutating func finishWriting(_ writer: Writer) -> Bool {
        guard isValid(writer) else { return false }
        isWriting = false
        isCallerWriting = false
        guard output.readableBytes > 0, !isWakeUpUnderWay else { return false }
        isWakeUpUnderWay = true
        return true
    }

    /// Sends what waited for the connection.
    ///
    /// - Parameter socket: Where any thread can write; `nil` where only the event loop can.
    mutating func open(_ socket: DirectSocket? = nil) {
        guard case .closed = phase else {
            phase = .open
            self.socket = socket
            for call in unsent {
                output.writeBytes(call.bytes)
                expectReplies(call.call, call.replyCount, call.isPipeline, call.completion)
            }
            unsent.removeAll(keepingCapacity: false)
            unsentBytes = 0
            return
        }
    }

    /// Takes replies, in order.
    ///
    /// - Returns: Whether each of them belonged to a call.
    mutating func receive(_ replies: inout [RESPValue], into answers: inout [Answer]) -> Bool {
        lastBurst = replies.count
        for reply in replies {
            guard !sent.isEmpty else { return false }
            let index = sent.startIndex
            guard sent[index].replies != nil else {
                let call = sent.removeFirst()
                if let completion = call.completion {
                    answers.append(Answer(completion: completion, result: .success(reply)))
                }
                continue
            }
            sent[index].replies?.append(reply)
            sent[index].repliesLeft -= 1
            guard sent[index].repliesLeft == 0 else { continue }
            let call = sent.removeFirst()
            if let completion = call.completion {
                answers.append(Answer(completion: completion, result: .success(.array(call.replies ?? []))))
            }
        }
        replies.removeAll(keepingCapacity: true)
        return true
    }

    /// Takes out the callers whose deadline has passed.
    ///
    /// - Returns: When the oldest of the late calls that were sent was due; `nil` if there was none.
    mutating func expire(now: Int64, into answers: inout [Answer]) -> Int64? {
        guard let (lastCall, due) = deadlines.removePassed(now: now) else { return nil }
        // A call comes right after its number was given out: what was cancelled before now has long been answered.
        cancelledEarly.removeAll()
        var wasSent = false
        var index = sent.startIndex
        while index < sent.endIndex, sent[index].call <= lastCall {
            wasSent = true
            if let completion = sent[index].completion {
                sent[index].completion = nil
                answers.append(Answer(completion: completion, result: .failure(RESPError.timedOut)))
            }
            index = sent.index(after: index)
        }
        while let first = unsent.first, first.call <= lastCall {
            unsent.removeFirst()
            unsentBytes -= first.bytes.count
            if let completion = first.completion {
                answers.append(Answer(completion: completion, result: .failure(RESPError.noConnection)))
            }
        }
        return wasSent ? due : nil
    }

    /// The earliest deadline of a call that may still wait.
    var earliestDeadline: Int64? { deadlines.earliest }

    /// Gives up the connection: what was sent fails, what was not waits for the next one.
    mutating func lose(_ error: RESPError, into answers: inout [Answer]) {
        for call in sent {
            if let completion = call.completion {
                answers.append(Answer(completion: completion, result: .failure(error)))
            }
        }
        sent.removeAll(keepingCapacity: true)
        output.clear()
        socket = nil
        connection += 1
        isWriting = false
        isCallerWriting = false
        if case .open = phase { phase = .waiting }
    }

    /// Fails what waits for a connection, because the server does not want it.
    mutating func refuse(_ error: RESPError, into answers: inout [Answer]) {
        if case .closed = phase { return }
        phase = .refused(error)
        failUnsent(error, into: &answers)
    }

    /// Takes no more calls; those that were sent may still be answered.
    mutating func close(_ error: RESPError, into answers: inout [Answer]) {
        phase = .closed(error)
        failUnsent(error, into: &answers)
    }

    private mutating func failUnsent(_ error: RESPError, into answers: inout [Answer]) {
        for call in unsent {
            if let completion = call.completion {
                answers.append(Answer(completion: completion, result: .failure(error)))
            }
        }
        unsent.removeAll(keepingCapacity: false)
        unsentBytes = 0
    }
}

extension RESPError {
    static let timedOut = RESPError(.timedOut, "no reply came in time; the server is slow or does not answer")
    static let noConnection = RESPError(.timedOut, "no connection came in time; is the server there?")
}
