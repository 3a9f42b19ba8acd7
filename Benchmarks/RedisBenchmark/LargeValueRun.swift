import Larder
import LarderRedis
import Synchronization

/// Reads small values with 50 tasks, alone and beside a task that writes and reads values of 10 MiB all the time.
struct LargeValueRun {
    let store: RedisStore

    func measure(besideLargeValues: Bool, seconds: Double) async throws -> Measurement {
        let large = StoreKey("large")
        let bytes = [UInt8](repeating: 7, count: 10 << 20)
        let small = (0..<1_000).map { StoreKey("small:\($0)") }
        let life = Duration.seconds(600)
        try await store.setValues(
            small.map { StoreWrite(key: $0, bytes: [UInt8](repeating: 7, count: 100), timeToLive: life) }
        )
        let isOver = Atomic(false)
        async let largeCalls = {
            var calls = 0
            while besideLargeValues, !isOver.load(ordering: .relaxed) {
                try await store.setValue(bytes, forKey: large, timeToLive: life)
                guard try await store.value(forKey: large)?.bytes.count == bytes.count else { return 0 }
                calls += 2
            }
            return calls
        }()
        let clock = ContinuousClock()
        let start = clock.now
        let cpu = Measurement.cpuTime()
        let samples = try await withThrowingTaskGroup(of: [UInt32].self) { group in
            for task in 0..<50 { group.addTask { try await read(small, from: task, until: start + .seconds(seconds)) } }
            return try await group.reduce(into: [UInt32]()) { $0 += $1 }
        }
        isOver.store(true, ordering: .relaxed)
        _ = try await largeCalls
        return Measurement(samples: samples, elapsed: clock.now - start, cpu: Measurement.cpuTime() - cpu)
    }

    private func read(_ keys: [StoreKey], from start: Int, until end: ContinuousClock.Instant) async throws -> [UInt32]
    {
        var samples: [UInt32] = []
        var index = start
        var begin = ContinuousClock.now
        while begin < end {
            _ = try await store.value(forKey: keys[index % keys.count])
            index += 7
            let now = ContinuousClock.now
            samples.append(UInt32(clamping: (now - begin).wholeNanoseconds))
            begin = now
        }
        return samples
    }
}
