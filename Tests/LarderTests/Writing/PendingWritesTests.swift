import LarderTesting
import Testing

@testable import Larder

@Suite("Pending writes")
struct PendingWritesTests {
    private typealias Pending = PendingWrites<Int, Int>

    private func pending(_ change: (inout WriteBehindPolicy) -> Void = { _ in }) -> Pending {
        var policy = WriteBehindPolicy()
        policy.retry.jitter = 0
        change(&policy)
        return Pending(policy: policy, rule: .adding, fence: 7)
    }

    private func accept(_ change: WriteChange<Int>, _ key: Int, _ pending: inout Pending, now: UInt64 = 0) -> UInt64 {
        pending.accept(change, key, StoreKey("\(key)"), bytes: 10, now: now, stage: .ready)
    }

    private func takeBatch(_ pending: inout Pending, now: UInt64 = .max - 1) -> PendingBatch<Int, Int>? {
        guard case .write(let batch) = pending.next(now: now) else { return nil }
        return batch
    }

    @Test("a batch is due by its number, its bytes or its age, whichever comes first")
    func due() {
        let delay = UInt64(100_000_000)
        var byCount = pending { $0.batchWrites = 3 }
        for key in 1...2 { _ = accept(.put(1), key, &byCount, now: 5) }
        #expect(takeBatch(&byCount, now: 6) == nil)
        #expect(byCount.nextMoment(now: 6) == 5 + delay)
        _ = accept(.put(1), 3, &byCount, now: 6)
        #expect(takeBatch(&byCount, now: 6)?.writes.map(\.key) == [1, 2, 3])

        var byBytes = pending { $0.batchBytes = 20 }
        for key in 1...3 { _ = accept(.put(1), key, &byBytes) }
        #expect(takeBatch(&byBytes, now: 0)?.writes.count == 2, "and it holds no more bytes than that")
        #expect(takeBatch(&byBytes, now: 0) == nil)

        var byAge = pending()
        _ = accept(.put(1), 1, &byAge, now: 5)
        #expect(takeBatch(&byAge, now: 4 + delay) == nil)
        #expect(takeBatch(&byAge, now: 5 + delay) != nil)
    }

    @Test("writes of one key become one: the newest value, or what the merges come to")
    func coalescing() throws {
        var pending = pending()
        let changes: [Int: [WriteChange<Int>]] = [
            1: [.put(1), .put(2), .put(3)],
            2: [.put(1), .merge(2), .merge(3)],
            3: [.merge(1), .merge(2)],
            4: [.put(1), .delete],
            5: [.delete, .merge(4)],
            6: [.merge(1), .put(9), .merge(1)],
        ]
        var newest: [Int: UInt64] = [:]
        for key in changes.keys.sorted() {
            for change in changes[key, default: []] { newest[key] = accept(change, key, &pending) }
        }
        let batch = try #require(takeBatch(&pending))
        let expected: [Int: WriteChange<Int>] = [
            1: .put(3), 2: .put(6), 3: .merge(3), 4: .delete, 5: .put(4), 6: .put(10),
        ]
        #expect(Dictionary(uniqueKeysWithValues: batch.writes.map { ($0.key, $0.change) }) == expected)
        #expect(batch.writes.allSatisfy { $0.token == newest[$0.key] && $0.sequence == newest[$0.key] })
        #expect(pending.statistics.coalesced == 2 + 2 + 1 + 1 + 1 + 2)
    }

    @Test("a write that the sink has seen is merged with nothing, and keeps its token")
    func sealing() throws {
        var pending = pending()
        let first = accept(.merge(1), 1, &pending)
        let taken = try #require(takeBatch(&pending))
        let second = accept(.merge(10), 1, &pending)
        #expect(pending.change(of: 1) == .merge(11))
        #expect(takeBatch(&pending) == nil, "the key is in the hands of the sink")
        pending.finish(taken, [.retry(reason: "", isolating: false)], now: 0) { 0 }
        let again = try #require(takeBatch(&pending))
        #expect(again.writes.map(\.change) == [.merge(1)])
        #expect(again.writes.map(\.token) == [first])
        #expect(again.writes[0].attempts == 2)
        pending.finish(again, [.done], now: 0) { 0 }
        #expect(takeBatch(&pending)?.writes.map(\.token) == [second])
    }

    @Test("nothing is handed out, shown or merged that the journal does not have")
    func saving() {
        var pending = pending()
        let first = pending.accept(.put(1), 1, StoreKey("1"), bytes: 1, now: 0, stage: .saving)
        let second = pending.accept(.put(2), 1, StoreKey("1"), bytes: 1, now: 0, stage: .saving)
        pending.noteSaved(second, 1)
        #expect(pending.change(of: 1) == .put(2))
        #expect(takeBatch(&pending) == nil, "an earlier write of the key is still to come")
        pending.noteSaved(first, 1)
        #expect(pending.change(of: 1) == .put(2))
        #expect(takeBatch(&pending)?.writes.map(\.sequences) == [[first, second]])

        let third = pending.accept(.put(3), 2, StoreKey("2"), bytes: 1, now: 0, stage: .saving)
        let fourth = pending.accept(.put(4), 2, StoreKey("2"), bytes: 1, now: 0, stage: .saving)
        pending.noteSaved(fourth, 2)
        pending.withdraw(third, 2)
        #expect(takeBatch(&pending)?.writes.map(\.sequences) == [[fourth]], "a write that failed holds nobody up")
    }

    @Test("a batch that failed as a whole is tried in halves, until the write that breaks it is alone")
    func isolation() throws {
        var pending = pending {
            $0.batchWrites = 8
            $0.concurrentBatches = 100
            $0.retry.maximumAttempts = 2
        }
        for key in 0..<8 { _ = accept(.put(key), key, &pending) }
        struct Broken: Error {}
        var done: Set<Int> = []
        var dead: [Int] = []
        var sizes: [Int] = []
        var now: UInt64 = 0
        while !pending.isEmpty {
            now += 1_000_000_000_000
            var batches: [PendingBatch<Int, Int>] = []
            while let next = takeBatch(&pending, now: now) { batches.append(next) }
            try #require(!batches.isEmpty)
            for batch in batches {
                sizes.append(batch.writes.count)
                let isBroken = batch.writes.contains { $0.key == 5 }
                let outcome: Result<[SinkResult], any Error> =
                    isBroken ? .failure(Broken()) : .success(batch.writes.map { _ in .done })
                let verdicts = pending.verdicts(of: batch, outcome, now: now)
                for (write, verdict) in zip(batch.writes, verdicts) {
                    if verdict.isDone { done.insert(write.key) }
                    if case .dead = verdict { dead.append(write.key) }
                }
                pending.finish(batch, verdicts, now: now) { 0 }
            }
        }
        #expect(sizes == [8, 4, 4, 2, 2, 1, 1])
        #expect(dead == [5])
        #expect(done == [0, 1, 2, 3, 4, 6, 7])
    }

    @Test("waits between tries double up to a limit, and jitter shortens them")
    func backoff() {
        var policy = RetryPolicy()
        policy.initialDelay = .milliseconds(100)
        policy.maximumDelay = .seconds(1)
        let delays = (1...6).map { policy.delay(afterAttempts: $0, random: 0) }
        #expect(delays == [100, 200, 400, 800, 1_000, 1_000].map { .milliseconds($0) })
        #expect(policy.delay(afterAttempts: 1, random: 1) == .milliseconds(50))
        #expect(policy.delay(afterAttempts: 1_000, random: 0) == .seconds(1))
    }

    @Test("a write that fails is given up after its tries or at its age, and a rejected one at once")
    func givingUp() throws {
        var pending = pending {
            $0.retry.maximumAttempts = 3
            $0.retry.maximumAge = .seconds(60)
        }
        _ = accept(.put(1), 1, &pending)
        let batch = try #require(takeBatch(&pending, now: 1_000_000_000))
        func verdict(_ result: SinkResult, now: UInt64, attempts: Int) -> Verdict? {
            var batch = batch
            batch.writes[0].attempts = attempts
            return pending.verdicts(of: batch, .success([result]), now: now).first
        }
        let retry = SinkResult.retry(reason: "busy")
        #expect(verdict(retry, now: 0, attempts: 2) == .retry(reason: "busy", isolating: false))
        #expect(verdict(retry, now: 0, attempts: 3) == .dead(reason: "given up after 3 tries: busy"))
        #expect(verdict(retry, now: 60_000_000_000, attempts: 1) == .dead(reason: "given up after 1 tries: busy"))
        #expect(verdict(.rejected(reason: "no"), now: 0, attempts: 1) == .dead(reason: "no"))
    }

    @Test("whatever happens, each key's writes leave in their order, none twice, none lost", arguments: [true, false])
    func random(coalescing: Bool) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SplitMix64(seed: seed)
        var pending = pending {
            $0.coalescesWrites = coalescing
            $0.batchWrites = 5
            $0.retry.maximumAttempts = .max
        }
        var accepted: [Int: [UInt64]] = [:]
        var left: [Int: [UInt64]] = [:]
        var unsaved: [(UInt64, Int)] = []
        var running: [PendingBatch<Int, Int>] = []
        var now: UInt64 = 0
        for step in 0..<20_000 {
            let isEnding = step > 15_000
            now += UInt64.random(in: 0..<50_000_000, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0 where !isEnding, 1 where !isEnding:
                let key = Int.random(in: 0..<10, using: &generator)
                let change = [WriteChange<Int>.put(1), .delete, .merge(1)].randomElement(using: &generator) ?? .delete
                let number = pending.accept(change, key, StoreKey("\(key)"), bytes: 10, now: now, stage: .saving)
                accepted[key, default: []].append(number)
                unsaved.append((number, key))
            case 2 where !unsaved.isEmpty:
                let (number, key) = unsaved.remove(at: Int.random(in: unsaved.indices, using: &generator))
                if Int.random(in: 0..<10, using: &generator) == 0 {
                    pending.withdraw(number, key)
                    accepted[key]?.removeAll { $0 == number }
                } else {
                    pending.noteSaved(number, key)
                }
            case 3, 4:
                if let batch = takeBatch(&pending, now: now) { running.append(batch) }
                let keys = running.flatMap { $0.writes.map(\.key) }
                #expect(Set(keys).count == keys.count, "a key is in two batches, seed \(seed)")
                #expect(running.count <= 4 && running.allSatisfy { $0.writes.count <= 5 }, "seed \(seed)")
            default:
                guard !running.isEmpty else { break }
                let batch = running.remove(at: Int.random(in: running.indices, using: &generator))
                if Int.random(in: 0..<10, using: &generator) == 0 {
                    pending.release(batch, until: now + 1_000)
                    break
                }
                let verdicts: [Verdict] = batch.writes.map { write in
                    guard Int.random(in: 0..<3, using: &generator) > 0 else {
                        return .retry(reason: "", isolating: Bool.random(using: &generator))
                    }
                    left[write.key, default: []] += write.sequences
                    return .done
                }
                pending.finish(batch, verdicts, now: now) { 0 }
            }
        }
        for (number, key) in unsaved { pending.noteSaved(number, key) }
        for batch in running {
            for write in batch.writes { left[write.key, default: []] += write.sequences }
            pending.finish(batch, batch.writes.map { _ in .done }, now: now) { 0 }
        }
        pending.isFlushing = true
        while let batch = takeBatch(&pending) {
            for write in batch.writes { left[write.key, default: []] += write.sequences }
            pending.finish(batch, batch.writes.map { _ in .done }, now: now) { 0 }
        }
        #expect(pending.isEmpty && pending.writes == 0 && pending.bytes == 0, "seed \(seed)")
        #expect(pending.readyBytes == 0, "seed \(seed)")
        #expect(left == accepted.filter { !$0.value.isEmpty }, "seed \(seed)")
    }
}
