import RESP
import Synchronization

/// Runs a workload on one connection of our client: each task has one call in flight.
struct ClientRun {
    let connection: RESPConnection
    let workload: Workload

    func measure(seconds: Double) async throws -> Measurement {
        let clock = ContinuousClock()
        let cpu = Measurement.cpuTime()
        let start = clock.now
        let end = start + .seconds(seconds)
        let samples = try await withThrowingTaskGroup(of: [UInt32].self) { group in
            for task in 0..<workload.tasks { group.addTask { try await work(task: task, until: end) } }
            return try await group.reduce(into: [UInt32]()) { $0 += $1 }
        }
        return Measurement(samples: samples, elapsed: clock.now - start, cpu: Measurement.cpuTime() - cpu)
    }

    private func work(task: Int, until end: ContinuousClock.Instant) async throws -> [UInt32] {
        let value = [UInt8](repeating: UInt8(ascii: "z"), count: workload.valueBytes)
        var random = UInt64(task) &* 0x9E37_79B9_7F4A_7C15 | 1
        var samples: [UInt32] = []
        samples.reserveCapacity(1 << 12)
        var begin = ContinuousClock.now
        while begin < end {
            let reply: RESPValue
            switch workload.operation {
            case .get:
                reply = try await connection.execute(RESPCommand("GET", key: next(&random)))
            case .set:
                reply = try await connection.execute(
                    RESPCommand("SET", .bytes(next(&random)), .bytes(value))
                )
            case .mget:
                let batch = (0..<Workload.batchSize).map { _ in RESPArgument.bytes(next(&random)) }
                reply = try await connection.execute(RESPCommand("MGET", arguments: batch))
            }
            guard reply != .null else { throw RESPError(.unexpectedReply, "a key is missing") }
            let now = ContinuousClock.now
            samples.append(UInt32(clamping: (now - begin).wholeNanoseconds))
            begin = now
        }
        return samples
    }

    private func next(_ random: inout UInt64) -> [UInt8] {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return Workload.key(Int(random % UInt64(Workload.keyCount)), valueBytes: workload.valueBytes)
    }
}

extension Duration {
    /// The whole nanoseconds of a duration of less than a second.
    var wholeNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
