import BenchmarkReport
import Larder
import LarderSQLite

/// Measures the log in a file: appends, and how soon another reader has them.
struct LogMeasurement {
    let path: String

    func run(_ report: Report) async throws {
        let log = try SQLiteInvalidationLog(path: path)
        for _ in 0..<7 {
            report.add("log_append_us_1", try await append(200, by: 1, to: log))
            report.add("log_append_us_64", try await append(6_400, by: 64, to: log))
        }
        try await measureDelay(report, log)
        await log.shutdown()
    }

    /// - Returns: Microseconds per append.
    private func append(_ count: Int, by writers: Int, to log: SQLiteInvalidationLog) async throws -> Double {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for number in 0..<count / writers {
                        _ = try await log.append([InvalidationRecord(.tags(["\(writer):\(number)"]), in: "values")])
                    }
                }
            }
            try await group.waitForAll()
        }
        return (ContinuousClock.now - start) / .microseconds(1) / Double(count)
    }

    /// Reads the log through another connection, as another process would.
    private func measureDelay(_ report: Report, _ log: SQLiteInvalidationLog) async throws {
        let other = try SQLiteInvalidationLog(path: path)
        var position = try await other.nextBatch(after: nil, patience: .zero).position
        while case let batch = try await other.nextBatch(after: position, patience: .zero), batch.position != position {
            position = batch.position
        }
        for number in 0..<60 {
            let reading = Task { [position] in
                let batch = try await other.nextBatch(after: position, patience: .seconds(10))
                return (batch.position, ContinuousClock.now)
            }
            // Anywhere between two looks of the reader.
            try await Task.sleep(for: .microseconds(Int.random(in: 5_000...60_000)))
            _ = try await log.append([InvalidationRecord(.tags(["delay:\(number)"]), in: "values")])
            let appended = ContinuousClock.now
            let (seen, moment) = try await reading.value
            position = seen
            report.add("log_delay_ms", (moment - appended) / .milliseconds(1))
        }
        await other.shutdown()
    }
}
