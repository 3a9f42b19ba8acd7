import LarderTesting
import MemoryCache
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct LoadLimiterTests {
    private func limiter(
        _ maximum: Int,
        queued: Int = 10_000,
        cover: @escaping @Sendable (UInt64) -> Void = { _ in }
    ) -> LoadLimiter {
        LoadLimiter(LoadLimits(maximumConcurrentLoads: maximum, maximumQueuedLoads: queued), cover: cover)
    }

    private func waiting(
        _ limiter: LoadLimiter,
        _ priority: LoadPriority = .foreground,
        deadline: UInt64 = Deadline.never
    ) async -> Task<LoadPermit, any Error> {
        let queued = limiter.counts.queued
        let task = Task { try await limiter.acquire(priority: priority, deadline: deadline, now: 1) }
        await until { limiter.counts.queued == queued + 1 }
        return task
    }

    @Test("a load that ends lets the next one start, and ends only once")
    func release() async throws {
        let limiter = limiter(2)
        let first = try await limiter.acquire(priority: .foreground, now: 1)
        let second = try #require(limiter.tryAcquire())
        #expect(limiter.tryAcquire() == nil)
        let third = await waiting(limiter)
        let fourth = await waiting(limiter)
        #expect(limiter.counts == .init(running: 2, queued: 2))
        first.release()
        first.release()
        let permit = try await third.value
        #expect(limiter.counts == .init(running: 2, queued: 1))
        second.release()
        try await fourth.value.release()
        permit.release()
        #expect(limiter.counts == .init())
    }

    @Test("a permit that is dropped is released")
    func droppedPermit() async throws {
        let limiter = limiter(1)
        do { _ = try await limiter.acquire(priority: .foreground, now: 1) }
        #expect(limiter.counts == .init())
    }

    @Test("a caller who is cancelled leaves at once, and no room is lost by it")
    func cancellation() async throws {
        let limiter = limiter(1)
        let permit = try #require(limiter.tryAcquire())
        let leaving = await waiting(limiter)
        let staying = await waiting(limiter)
        leaving.cancel()
        await #expect(throws: CancellationError.self) { try await leaving.value }
        #expect(limiter.counts == .init(running: 1, queued: 1))
        permit.release()
        try await staying.value.release()
        #expect(limiter.counts == .init())
    }

    @Test("a caller who was cancelled before does not wait")
    func earlyCancellation() async throws {
        let limiter = limiter(1)
        let permit = try #require(limiter.tryAcquire())
        let latch = Latch()
        let task = Task {
            await latch.waitUncancellably()
            return try await limiter.acquire(priority: .foreground, now: 1)
        }
        task.cancel()
        latch.open()
        await #expect(throws: CancellationError.self) { try await task.value }
        permit.release()
        #expect(limiter.counts == .init())
    }

    @Test("who waits with a deadline is told when it comes, and the watch is told of it")
    func deadline() async throws {
        let covered = Locked<[UInt64]>([])
        let limiter = limiter(1) { deadline in covered.withLock { $0.append(deadline) } }
        let permit = try #require(limiter.tryAcquire())
        let late = await waiting(limiter, deadline: 20)
        let early = await waiting(limiter, deadline: 10)
        await until { covered.withLock { $0.count } == 2 }
        #expect(covered.withLock { $0 } == [20, 10])
        #expect(limiter.expire(at: 9) == 10)
        #expect(limiter.expire(at: 10) == 20)
        let error = await #expect(throws: CacheError.self) { try await early.value }
        #expect(error?.code == .loadTimedOut)
        permit.release()
        try await late.value.release()
        #expect(limiter.expire(at: 20) == nil)
        let passed = await #expect(throws: CacheError.self) {
            let permit = try #require(limiter.tryAcquire())
            defer { permit.release() }
            _ = try await limiter.acquire(priority: .foreground, deadline: 5, now: 5)
        }
        #expect(passed?.code == .loadTimedOut)
    }

    @Test("a full queue refuses at once, and one in the foreground drives out one in the background")
    func overload() async throws {
        let limiter = limiter(1, queued: 1)
        let permit = try #require(limiter.tryAcquire())
        let background = await waiting(limiter, .background)
        let foreground = Task { try await limiter.acquire(priority: .foreground, now: 1) }
        let displaced = await #expect(throws: CacheError.self) { try await background.value }
        #expect(displaced?.code == .overloaded)
        let refused = await #expect(throws: CacheError.self) {
            try await limiter.acquire(priority: .foreground, now: 1)
        }
        #expect(refused?.code == .overloaded)
        #expect(limiter.counts == .init(running: 1, queued: 1, refused: 2))
        permit.release()
        try await foreground.value.release()
    }

    @Test("one that waits in the background comes forward when somebody waits for it")
    func raising() async throws {
        let limiter = limiter(1)
        let permit = try #require(limiter.tryAcquire())
        let other = await waiting(limiter, .background)
        let ticket = Ticket<LoadQueue.Place>()
        let raised = Task { try await limiter.acquire(priority: .background, now: 1, ticket: ticket) }
        await until { limiter.counts.queued == 2 }
        limiter.raise(ticket)
        permit.release()
        let first = try await raised.value
        #expect(limiter.counts.queued == 1)
        first.release()
        try await other.value.release()
    }

    @Test("a caller who comes just when room is made is not left behind")
    func releaseWhileEntering() async throws {
        let limiter = limiter(1)
        // What a caller does once it has found no room.
        let permit = try await withCheckedThrowingContinuation { continuation in
            limiter.enter(Ticket(), continuation, nil, .foreground, Deadline.never)
        }
        #expect(limiter.counts == .init(running: 1, queued: 0))
        permit.release()
    }

    @Test("thousands of callers who come, leave and are cancelled at random never exceed the limits or get stuck")
    func randomCallers() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        let limits = LoadLimits(maximumConcurrentLoads: 8, maximumConcurrentLoadsPerGroup: 3, maximumQueuedLoads: 500)
        let limiter = LoadLimiter(limits) { _ in }
        let running = Counter()
        let groups = ["a", "b", "c", "d"].reduce(into: [String: Counter]()) { $0[$1] = Counter() }
        let excess = Counter()
        let answers = Counter()
        var tasks: [Task<Void, Never>] = []
        for _ in 0..<5_000 {
            let group = ["a", "b", "c", "d"].randomElement(using: &random)
            let priority: LoadPriority = Bool.random(using: &random) ? .foreground : .background
            let deadline = UInt64.random(in: 2...60, using: &random)
            let yields = Int.random(in: 0...5, using: &random)
            let isDropped = Bool.random(using: &random)
            let task = Task {
                defer { answers.add() }
                let permit = try? await limiter.acquire(group: group, priority: priority, deadline: deadline, now: 1)
                guard let permit, let group, let inGroup = groups[group] else { return }
                if running.add() > 8 || inGroup.add() > 3 { excess.add() }
                for _ in 0..<yields { await Task.yield() }
                running.add(-1)
                inGroup.add(-1)
                if !isDropped { permit.release() }
            }
            tasks.append(task)
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<4: tasks.randomElement(using: &random)?.cancel()
            case 4: _ = limiter.expire(at: .random(in: 2...60, using: &random))
            case 5..<10: await Task.yield()
            default: break
            }
        }
        for task in tasks { await task.value }
        #expect(excess.value == 0, "seed \(seed)")
        #expect(answers.value == 5_000, "seed \(seed)")
        #expect(limiter.counts.running == 0 && limiter.counts.queued == 0 && limiter.groups == 0, "seed \(seed)")
    }
}
