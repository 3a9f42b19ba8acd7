import Foundation
import Synchronization

/// Times loops over keys.
enum Stopwatch {
    /// The processor time of one call in nanoseconds, on the calling thread.
    @inline(__always)
    static func nanoseconds(_ keys: [Int], _ body: (Int) -> Int) -> Double {
        let start = time(CLOCK_THREAD_CPUTIME_ID)
        var sum = 0
        for key in keys { sum &+= body(key) }
        let end = time(CLOCK_THREAD_CPUTIME_ID)
        return withExtendedLifetime(sum) { (end - start) / Double(keys.count) }
    }

    /// Millions of calls per second of several threads together, by the wall clock of the slowest.
    static func millionsPerSecond(_ sequences: [[Int]], _ body: @escaping @Sendable (Int) -> Int) -> Double {
        let start = Barrier(count: sequences.count)
        let times = Mutex<[Double]>([])
        inThreads(sequences.count) { number in
            let keys = sequences[number]
            start.arrive()
            let begin = time(CLOCK_MONOTONIC)
            var sum = 0
            for key in keys { sum &+= body(key) }
            let end = time(CLOCK_MONOTONIC)
            withExtendedLifetime(sum) { times.withLock { $0.append(end - begin) } }
        }
        let slowest = times.withLock { $0.max() ?? .infinity }
        return Double(sequences.reduce(0) { $0 + $1.count }) / slowest * 1_000
    }

    /// How long a cache line takes from one processor to another, in nanoseconds: half a round trip of a ball.
    static func cacheLineTransfer() -> Double {
        let ball = Ball()
        let rounds = 50_000
        let times = Mutex<[Double]>([])
        inThreads(2) { side in
            let begin = time(CLOCK_MONOTONIC)
            for round in 0..<rounds {
                while ball.position.load(ordering: .acquiring) != 2 * round + side {}
                ball.position.store(2 * round + side + 1, ordering: .releasing)
            }
            let end = time(CLOCK_MONOTONIC)
            times.withLock { $0.append(end - begin) }
        }
        return times.withLock { $0.max() ?? 0 } / Double(2 * rounds)
    }

    private final class Ball: Sendable {
        let position = Atomic<Int>(0)
    }

    /// Lets threads begin together.
    private final class Barrier: Sendable {
        private let missing: Atomic<Int>

        init(count: Int) { missing = Atomic(count) }

        func arrive() {
            missing.wrappingSubtract(1, ordering: .sequentiallyConsistent)
            while missing.load(ordering: .acquiring) > 0 {}
        }
    }

    private static func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let group = DispatchGroup()
        for number in 0..<count {
            group.enter()
            Thread.detachNewThread {
                body(number)
                group.leave()
            }
        }
        group.wait()
    }

    static func time(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}
