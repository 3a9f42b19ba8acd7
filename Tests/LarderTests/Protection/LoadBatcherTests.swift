import LarderTesting
import MemoryCache
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct LoadBatcherTests {
    private struct Down: Error {}

    @TaskLocal private static var request = 0

    /// An origin that records what it is asked, and that can be held.
    private final class Source: Sendable {
        let clock = ManualClock()
        let latch = Latch()
        private let calls = Locked<[[Int]]>([])

        var asked: [[Int]] { calls.withLock { $0 } }

        func load(_ keys: [Int]) -> [Int: String] {
            calls.withLock { $0.append(keys) }
            return keys.reduce(into: [:]) { $0[$1] = $1 >= 0 ? "\($1)" : nil }
        }

        func batcher(
            maximumBatch: Int = 100,
            _ load: (@Sendable ([Int]) async throws -> [Int: String])? = nil
        ) -> LoadBatcher<Int, String> {
            LoadBatcher(
                window: .microseconds(300),
                maximumBatch: maximumBatch,
                clock: CacheClock(clock),
                load: load ?? { self.load($0) }
            )
        }
    }

    private let source = Source()

    /// Starts a load, which has joined its batch when this returns.
    private func start(
        _ batcher: LoadBatcher<Int, String>,
        _ key: Int
    ) async -> Task<String?, any Error> {
        let before = batcher.waiting
        let task = Task { try await batcher.load(key) }
        await until { batcher.waiting == before + 1 }
        return task
    }

    @Test("loads within the window become one call, in the order of their coming")
    func gathering() async throws {
        let batcher = source.batcher()
        var tasks: [Task<String?, any Error>] = []
        for key in [3, 1, -1, 2] { tasks.append(await start(batcher, key)) }
        await source.clock.waitForSleepers()
        source.clock.advance(by: .microseconds(299))
        #expect(source.asked == [])
        source.clock.advance(by: .microseconds(1))
        var values: [String?] = []
        for task in tasks { values.append(try await task.value) }
        #expect(values == ["3", "1", nil, "2"])
        #expect(source.asked == [[3, 1, -1, 2]])
        #expect(batcher.waiting == 0)
    }

    @Test("the window begins with the first load, and the next load after its end opens another")
    func windows() async throws {
        let batcher = source.batcher()
        for key in [1, 2] {
            let task = await start(batcher, key)
            await source.clock.waitForSleepers()
            source.clock.advance(by: .microseconds(300))
            #expect(try await task.value == "\(key)")
        }
        #expect(source.asked == [[1], [2]])
    }

    @Test("a batch that is full is asked for at once")
    func fullBatch() async throws {
        let batcher = source.batcher(maximumBatch: 2)
        let first = await start(batcher, 1)
        let again = await start(batcher, 1)
        #expect(source.asked == [])
        #expect(try await batcher.load(2) == "2")
        #expect(try await first.value == "1")
        #expect(try await again.value == "1")
        #expect(source.asked == [[1, 2]])
        await until { source.clock.sleepers == 0 }
    }

    @Test("a batch of one asks for each key alone")
    func batchOfOne() async throws {
        let batcher = source.batcher(maximumBatch: 1)
        #expect(try await batcher.load(1) == "1")
        #expect(try await batcher.load(1) == "1")
        #expect(source.asked == [[1], [1]])
    }

    @Test("an error reaches all of the batch, and nobody else")
    func failure() async throws {
        let batcher = source.batcher(maximumBatch: 2) { [source] keys in
            if keys.contains(1) { throw Down() }
            return source.load(keys)
        }
        let tasks = [await start(batcher, 1), await start(batcher, 1), await start(batcher, 2)]
        for task in tasks { await #expect(throws: Down.self) { try await task.value } }
        let others = [await start(batcher, 3), await start(batcher, 4)]
        #expect(try await others[0].value == "3")
        #expect(try await others[1].value == "4")
    }

    @Test("a caller who is cancelled leaves at once, and its key is not asked for if nobody else wants it")
    func cancellationInWindow() async throws {
        let batcher = source.batcher()
        let leaving = [await start(batcher, 1), await start(batcher, 2)]
        let staying = [await start(batcher, 2), await start(batcher, 3)]
        for task in leaving {
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        await source.clock.waitForSleepers()
        source.clock.advance(by: .microseconds(300))
        #expect(try await staying[0].value == "2")
        #expect(try await staying[1].value == "3")
        #expect(source.asked == [[2, 3]])
    }

    @Test("if all leave within the window nothing is asked for, and the next load opens a new batch")
    func everybodyLeavesInWindow() async throws {
        let batcher = source.batcher { [source] keys in
            try Task.checkCancellation()
            return source.load(keys)
        }
        // Several times, since the next load comes while the tasks of the last batch are about to end.
        for round in 1...50 {
            let leaving = await start(batcher, -round)
            leaving.cancel()
            await until { batcher.waiting == 0 }
            let staying = await start(batcher, round)
            await #expect(throws: CancellationError.self) { try await leaving.value }
            while source.asked.count < round {
                source.clock.advance(by: .microseconds(300))
                await Task.yield()
            }
            #expect(try await staying.value == "\(round)")
        }
        #expect(source.asked == (1...50).map { [$0] })
    }

    @Test("a call goes on while one caller is left, and is cancelled with the last")
    func cancellationDuringCall() async throws {
        let cancelled = Counter()
        let batcher = source.batcher(maximumBatch: 2) { [source] keys in
            try await withTaskCancellationHandler {
                try await source.latch.wait()
            } onCancel: {
                cancelled.add()
            }
            return source.load(keys)
        }
        let tasks = [await start(batcher, 1), await start(batcher, 2)]
        await source.latch.waitForArrivals()
        tasks[0].cancel()
        await #expect(throws: CancellationError.self) { try await tasks[0].value }
        #expect(cancelled.value == 0)
        tasks[1].cancel()
        await #expect(throws: CancellationError.self) { try await tasks[1].value }
        await until { cancelled.value == 1 }
        #expect(source.asked == [])
    }

    @Test("a caller who was cancelled before asks for nothing")
    func earlyCancellation() async throws {
        let batcher = source.batcher(maximumBatch: 1)
        let latch = Latch()
        let task = Task {
            await latch.waitUncancellably()
            return try await batcher.load(1)
        }
        task.cancel()
        latch.open()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(source.asked == [])
    }

    @Test("the call has the task-local values of the first caller, even if that one has left")
    func taskLocalValues() async throws {
        let seen = Locked(0)
        let batcher = source.batcher { [source] keys in
            seen.withLock { $0 = Self.request }
            return source.load(keys)
        }
        let first = await Self.$request.withValue(1) { await start(batcher, 1) }
        let second = await Self.$request.withValue(2) { await start(batcher, 2) }
        first.cancel()
        await source.clock.waitForSleepers()
        source.clock.advance(by: .microseconds(300))
        #expect(try await second.value == "2")
        #expect(seen.withLock { $0 } == 1)
    }

    @Test("callers who come, leave and are cancelled at random each get one answer, and nothing is left behind")
    func randomCallers() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        let source = source
        let batcher = source.batcher(maximumBatch: 7) { keys in
            await Task.yield()
            if keys.contains(13) { throw Down() }
            return source.load(keys)
        }
        let wrong = Counter()
        let answers = Counter()
        var tasks: [Task<Void, Never>] = []
        for _ in 0..<3_000 {
            let key = Int.random(in: -2..<30, using: &random)
            tasks.append(
                Task {
                    defer { answers.add() }
                    guard let value = try? await batcher.load(key) else { return }
                    if value != "\(key)" { wrong.add() }
                }
            )
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<3: tasks.randomElement(using: &random)?.cancel()
            case 3: source.clock.advance(by: .microseconds(.random(in: 0...400, using: &random)))
            case 4..<7: await Task.yield()
            default: break
            }
        }
        while answers.value < tasks.count {
            source.clock.advance(by: .microseconds(300))
            await Task.yield()
        }
        #expect(wrong.value == 0, "seed \(seed)")
        #expect(batcher.waiting == 0, "seed \(seed)")
        #expect(source.asked.allSatisfy { $0.count <= 7 && Set($0).count == $0.count }, "seed \(seed)")
        await until { source.clock.sleepers == 0 }
    }
}
