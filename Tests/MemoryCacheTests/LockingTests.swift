import Dispatch
import Foundation
import LarderTesting
import MemoryCache
import Synchronization
import Testing

@Suite struct LockingTests {
    @Test("a writer waits for a reader that stays inside, and for as long", arguments: [0, 1_000], [false, true])
    func writerWaits(readsBefore: Int, fencesReads: Bool) throws {
        let cache = try MemoryCache<Int, Int>(
            capacity: .entries(10),
            time: TimeSource(),
            fencesReads: fencesReads
        )
        cache.setValue(1, forKey: 1)
        // After many reads without a write, readers pass the lock without taking it.
        for _ in 0..<readsBefore { _ = cache.value(forKey: 1) }
        let isInside = Signal()
        let mayLeave = Signal()
        let writes = Signal()
        let written = Counter()
        let read = Mutex<Int?>(nil)
        let reader = start {
            let seen = cache.withValue(forKey: 1) { value in
                isInside.send()
                mayLeave.wait()
                return value
            }
            read.withLock { $0 = seen }
        }
        isInside.wait()
        let writer = start {
            writes.send()
            cache.setValue(2, forKey: 1)
            written.add()
        }
        writes.wait()
        #expect(written.value == 0)
        mayLeave.send()
        reader.wait()
        writer.wait()
        #expect(read.withLock { $0 } == 1)
        #expect(cache.value(forKey: 1) == 2)
    }

    @Test("more threads may read than there are lanes for, and each read counts")
    func manyThreads() throws {
        let cache = try MemoryCache<Int, Int>(capacity: .entries(10))
        cache.setValue(1, forKey: 1)
        let allHere = Signal()
        let ends = (0..<200)
            .map { _ in
                start {
                    for _ in 0..<10 { _ = cache.value(forKey: 1) }
                    // Stays alive, so that its number is not used again, until all have come.
                    allHere.wait()
                    for _ in 0..<10 { _ = cache.value(forKey: 1) }
                }
            }
        for _ in ends { allHere.send() }
        for end in ends { end.wait() }
        #expect(cache.statistics.hits == 4_000)
    }

    /// Runs `body` in a thread of its own, since it blocks.
    private func start(_ body: @escaping @Sendable () -> Void) -> Signal {
        let end = Signal()
        Thread.detachNewThread {
            body()
            end.send()
        }
        return end
    }

    private struct Signal: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        func send() { semaphore.signal() }
        func wait() { semaphore.wait() }
    }
}
