import Larder

extension InvalidationLogConformance {
    static let waiting: [Check] = [
        Check("a reader who is up to date gets an empty batch after its patience") { subject in
            let end = try await subject.log.append(numbered(1...1))
            let batch = try await subject.log.nextBatch(after: end, patience: .milliseconds(1))
            try expect(batch, equals: LogBatch(records: [], position: end), "The batch")
        },
        Check("a reader who waits gets what is appended") { subject in
            let end = try await subject.log.append(numbered(1...1))
            async let batch = subject.log.nextBatch(after: end, patience: .seconds(600))
            _ = try await subject.log.append(numbered(2...2))
            try expect(try await batch.records.map(\.record), equals: numbered(2...2), "The records")
        },
        Check("many readers who wait all get what is appended") { subject in
            let end = try await subject.log.append(numbered(1...1))
            try await withThrowingTaskGroup(of: LogBatch.self) { group in
                for _ in 0..<10 {
                    group.addTask { try await subject.log.nextBatch(after: end, patience: .seconds(600)) }
                }
                _ = try await subject.log.append(numbered(2...2))
                for try await batch in group {
                    try expect(batch.records.map(\.record), equals: numbered(2...2), "The records")
                }
            }
        },
        Check("a reader whose task is cancelled stops waiting") { subject in
            let end = try await subject.log.append(numbered(1...1))
            let task = Task { try await subject.log.nextBatch(after: end, patience: .seconds(600)) }
            task.cancel()
            do {
                _ = try await task.value
            } catch is CancellationError {
                return
            }
            throw ConformanceFailure(message: "The call should throw a CancellationError.")
        },
        Check("the sequence of batches goes on from where it is") { subject in
            _ = try await subject.log.append(numbered(1...3))
            var numbers = 0
            for try await batch in subject.log.records(heartbeat: .milliseconds(1)) {
                numbers += batch.records.count
                if batch.records.isEmpty, !batch.isAfterGap {
                    if numbers >= 6 { break }
                    _ = try await subject.log.append(numbered(4...6))
                }
            }
            try expect(numbers, equals: 6, "The number of records")
        },
        Check("a log that was shut down throws, and lets nobody wait") { subject in
            let log = subject.log
            let end = try await log.append(numbered(1...1))
            let task = Task { try await log.nextBatch(after: end, patience: .seconds(600)) }
            await log.shutdown()
            await log.shutdown()
            try await expectError("A reader who waits") { _ = try await task.value }
            try await expectError("A read") { _ = try await log.nextBatch(after: end, patience: .zero) }
            try await expectError("An append") { _ = try await log.append(numbered(1...1)) }
        },
    ]
}
