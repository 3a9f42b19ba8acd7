import NIOCore
import Testing

@testable import RESP

@Suite("The queue of calls")
struct CallQueueTests {
    private typealias Queue = CallQueue<Int>

    private func makeQueue(calls: Int = 100, bytes: Int = 1_000, isOpen: Bool = true) -> Queue {
        var queue = Queue(maximumCalls: calls, maximumBytes: bytes)
        if isOpen { queue.open() }
        return queue
    }

    /// What was sent, as a text.
    private func output(_ queue: inout Queue) -> String {
        var buffer = ByteBuffer()
        guard let writer = queue.takeOutput(&buffer) else { return "" }
        _ = queue.finishWriting(writer)
        return String(buffer: buffer)
    }

    private func error(_ answer: Queue.Answer) -> RESPError.Code? {
        if case .failure(let error as RESPError) = answer.result { error.code } else { nil }
    }

    private func refusal(_ admission: Queue.Admission) -> RESPError.Code? {
        if case .refused(let error as RESPError) = admission { error.code } else { nil }
    }

    @discardableResult
    private func submit(_ call: UInt64, _ text: String, to queue: inout Queue, replies: Int = 1) -> Queue.Admission {
        queue.submit(
            call,
            bytes: Array(text.utf8),
            replyCount: replies,
            isPipeline: replies > 1,
            completion: Int(call)
        )
    }

    private func receive(_ replies: [RESPValue], _ queue: inout Queue) throws -> [Queue.Answer] {
        var replies = replies
        var answers: [Queue.Answer] = []
        try #require(queue.receive(&replies, into: &answers))
        return answers
    }

    @Test("one wake-up serves all calls until the turn begins, and their bytes leave together")
    func wakeUps() {
        var queue = makeQueue()
        guard case .needsWakeUp = submit(1, "a", to: &queue) else { return #expect(Bool(false), "no wake-up") }
        guard case .queued = submit(2, "b", to: &queue) else { return #expect(Bool(false), "two wake-ups") }
        queue.beginTurn()
        guard case .needsWakeUp = submit(3, "c", to: &queue) else { return #expect(Bool(false), "no wake-up") }
        #expect(output(&queue) == "abc")
        #expect(output(&queue) == "")
    }

    @Test("one thread at a time writes, and is told of what came meanwhile")
    func writing() throws {
        var queue = makeQueue()
        submit(1, "a", to: &queue)
        queue.beginTurn()
        var (first, second) = (ByteBuffer(), ByteBuffer())
        let writer = try #require(queue.takeOutput(&first, isCaller: true))
        guard case .queued = submit(2, "b", to: &queue) else { return #expect(Bool(false), "a wake-up") }
        #expect(take(&second, from: &queue) == nil)
        let hasMore = queue.finishWriting(writer)
        #expect(hasMore)
        queue.beginTurn()
        #expect(output(&queue) == "b")
    }

    @Test("while the event loop writes, which may take long, new calls get their deadlines all the same")
    func deadlinesWhileWriting() throws {
        var queue = makeQueue()
        submit(1, "a", to: &queue)
        queue.beginTurn()
        var buffer = ByteBuffer()
        let writer = try #require(queue.takeOutput(&buffer, isCaller: true))
        queue.moveToEventLoop(writer)
        guard case .needsWakeUp = submit(2, "b", to: &queue) else { return #expect(Bool(false), "no wake-up") }
    }

    @Test("a call whose caller has gone holds up no closing")
    func abandonedCalls() {
        var queue = makeQueue()
        submit(1, "a", to: &queue)
        #expect(queue.isAwaitingReplies)
        _ = queue.cancel(1)
        #expect(!queue.isAwaitingReplies)
    }

    @Test("who wrote to a connection that was lost does not end the writing to the next one")
    func writingToLostConnection() throws {
        var queue = makeQueue()
        submit(1, "a", to: &queue)
        var buffer = ByteBuffer()
        let old = try #require(take(&buffer, from: &queue))
        var answers: [Queue.Answer] = []
        queue.lose(RESPError(.connectionLost, ""), into: &answers)
        queue.open()
        submit(2, "b", to: &queue)
        let new = try #require(take(&buffer, from: &queue))
        submit(3, "c", to: &queue)
        #expect(!queue.isValid(old) && queue.isValid(new))
        _ = queue.finishWriting(old)
        #expect(take(&buffer, from: &queue) == nil)
        _ = queue.finishWriting(new)
        #expect(output(&queue) == "c")
    }

    private func take(_ buffer: inout ByteBuffer, from queue: inout Queue) -> Queue.Writer? {
        buffer.clear()
        return queue.takeOutput(&buffer)
    }

    @Test("replies go to the calls in their order, those of a pipeline as a list")
    func replies() throws {
        var queue = makeQueue()
        submit(1, "a", to: &queue)
        submit(2, "bb", to: &queue, replies: 2)
        submit(3, "c", to: &queue)
        var answers = try receive([.integer(1), .integer(2)], &queue)
        #expect(answers.map(\.completion) == [1])
        answers = try receive([.integer(3), .integer(4)], &queue)
        #expect(answers.map(\.completion) == [2, 3])
        #expect(try answers[0].result.get() == .array([.integer(2), .integer(3)]))
        #expect(try answers[1].result.get() == .integer(4))
        #expect(queue.isEmpty)
    }

    @Test("a reply to no call is noticed")
    func replyToNoCall() {
        var queue = makeQueue()
        var replies: [RESPValue] = [.null]
        var answers: [Queue.Answer] = []
        let isExpected = queue.receive(&replies, into: &answers)
        #expect(!isExpected)
    }

    @Test("a cancelled call leaves its place, so that the others get their own replies")
    func cancellation() throws {
        var queue = makeQueue()
        for call in 1...3 { submit(UInt64(call), "x", to: &queue) }
        #expect(queue.cancel(2) == 2)
        #expect(queue.cancel(2) == nil)
        let answers = try receive([.integer(1), .integer(2), .integer(3)], &queue)
        #expect(answers.map(\.completion) == [1, 3])
        #expect(try answers[1].result.get() == .integer(3))
    }

    @Test("a call that was cancelled before it came is refused")
    func earlyCancellation() {
        var queue = makeQueue()
        #expect(queue.cancel(7) == nil)
        guard case .refused(let error) = submit(7, "x", to: &queue) else { return #expect(Bool(false), "it was taken") }
        #expect(error is CancellationError)
        #expect(output(&queue) == "")
    }

    @Test("a call that is cancelled before there is a connection is never sent")
    func cancellationWithoutConnection() {
        var queue = makeQueue(isOpen: false)
        submit(1, "a", to: &queue)
        submit(2, "b", to: &queue)
        #expect(queue.cancel(1) == 1)
        queue.open()
        #expect(output(&queue) == "b")
        #expect(queue.count == 1)
    }

    @Test("more calls or bytes than the bounds are refused, until others have left")
    func bounds() throws {
        var queue = makeQueue(calls: 2, bytes: 10)
        #expect(refusal(submit(1, "12345678901", to: &queue)) == .overloaded)
        submit(2, "12345678", to: &queue)
        #expect(refusal(submit(3, "123", to: &queue)) == .overloaded)
        submit(4, "12", to: &queue)
        #expect(output(&queue) == "1234567812")
        #expect(refusal(submit(5, "1", to: &queue)) == .overloaded)
        _ = try receive([.null], &queue)
        #expect(refusal(submit(6, "1", to: &queue)) == nil)
    }

    @Test("late calls are told once, and their replies are dropped")
    func deadlines() throws {
        var queue = makeQueue()
        submit(1, "a", to: &queue)
        let first = queue.setDeadlines(now: 0, timeout: 640)
        #expect(first == 650)
        submit(2, "b", to: &queue)
        _ = queue.setDeadlines(now: 100, timeout: 640)
        var answers: [Queue.Answer] = []
        #expect(queue.expire(now: 649, into: &answers) == nil)
        #expect(queue.expire(now: 650, into: &answers) == 650)
        #expect(answers.map(\.completion) == [1])
        #expect(answers.map(error) == [.timedOut])
        #expect(queue.earliestDeadline == 750)
        #expect(try receive([.null, .integer(2)], &queue).map(\.completion) == [2])
    }

    @Test("a call that waits for a connection longer than its deadline is never sent")
    func deadlineWithoutConnection() {
        var queue = makeQueue(isOpen: false)
        submit(1, "a", to: &queue)
        _ = queue.setDeadlines(now: 0, timeout: 640)
        var answers: [Queue.Answer] = []
        #expect(queue.expire(now: 1_000, into: &answers) == nil)
        #expect(answers.map(error) == [.timedOut])
        queue.open()
        #expect(output(&queue) == "")
        #expect(queue.outputBytes == 0)
    }

    @Test("when the connection breaks, what was sent fails, and what comes then waits for the next one")
    func loss() {
        var queue = makeQueue()
        submit(1, "a", to: &queue)
        submit(2, "bb", to: &queue, replies: 2)
        var answers: [Queue.Answer] = []
        queue.lose(RESPError(.connectionLost, ""), into: &answers)
        #expect(answers.map(\.completion) == [1, 2])
        #expect(answers.map(error) == [.connectionLost, .connectionLost])
        submit(3, "c", to: &queue)
        #expect(output(&queue) == "")
        queue.open()
        #expect(output(&queue) == "c")
    }

    @Test("a server that refuses fails what waits and what comes, until one accepts")
    func refusals() {
        var queue = makeQueue(isOpen: false)
        submit(1, "a", to: &queue)
        var answers: [Queue.Answer] = []
        queue.refuse(RESPError(.authenticationFailed, ""), into: &answers)
        #expect(answers.map(error) == [.authenticationFailed])
        #expect(refusal(submit(2, "b", to: &queue)) == .authenticationFailed)
        queue.open()
        #expect(refusal(submit(3, "c", to: &queue)) == nil)
    }

    @Test("a closed queue takes no calls, answers those that were sent, and does not open again")
    func closing() throws {
        var queue = makeQueue()
        submit(1, "a", to: &queue)
        var answers: [Queue.Answer] = []
        queue.close(RESPError(.closed, ""), into: &answers)
        queue.open()
        #expect(answers.isEmpty)
        #expect(refusal(submit(2, "b", to: &queue)) == .closed)
        #expect(output(&queue) == "a")
        #expect(try receive([.null], &queue).map(\.completion) == [1])
    }

    @Test("a command without a reply is sent and not waited for")
    func commandWithoutReply() {
        var queue = makeQueue()
        _ = queue.submit(1, bytes: Array("a".utf8), replyCount: 0, isPipeline: false, completion: nil)
        #expect(output(&queue) == "a")
        #expect(queue.isEmpty)
    }
}
