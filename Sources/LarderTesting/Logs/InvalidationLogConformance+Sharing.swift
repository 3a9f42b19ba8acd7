import Larder

extension InvalidationLogConformance {
    static let sharing: [Check] = [
        Check("tasks that append at once lose nothing, and each finds its own records in its order") { subject in
            try await checkConcurrentAppends(to: [subject.log], readBy: [subject.log])
        },
        Check("two that share a log see one order") { subject in
            guard let other = try await subject.openAnother?() else { return }
            try await checkConcurrentAppends(to: [subject.log, other], readBy: [subject.log, other])
            await other.shutdown()
        },
        Check("one who comes later reads what was appended before") { subject in
            guard let openAnother = subject.openAnother else { return }
            let end = try await subject.log.append(numbered(1...3))
            let other = try await openAnother()
            let position = try await start(of: other)
            try expect(try await read(other, after: position).position, equals: end, "The end")
            try expect(try await other.append(numbered(4...4)).epoch, equals: end.epoch, "The epoch")
            let rest = try await read(subject.log, after: end).records.map(\.record)
            try expect(rest, equals: numbered(4...4), "The records")
            await other.shutdown()
        },
    ]

    private static func checkConcurrentAppends(
        to writers: [any InvalidationLog],
        readBy readers: [any InvalidationLog]
    ) async throws {
        let start = try await start(of: readers[0])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<25 {
                        let key = StoreKey("\(task):\(number)")
                        let position = try await writers[task % writers.count]
                            .append(
                                InvalidationRecord(.keys([key]), in: "task \(task)")
                            )
                        let before = LogPosition(epoch: position.epoch, offset: position.offset - 1)
                        let reader = readers[(task + number) % readers.count]
                        let next = try await reader.nextBatch(after: before, patience: .seconds(60)).records.first
                        try expect(next?.record.target, equals: .keys([key]), "The record that was just appended")
                    }
                }
            }
            try await group.waitForAll()
        }
        let readings = [
            try await read(readers[0], after: start), try await read(readers.last ?? readers[0], after: start),
        ]
        try expect(readings[0].records, equals: readings[1].records, "What two readers read")
        for task in 0..<8 {
            let own = readings[0].records.filter { $0.record.namespace == "task \(task)" }.map(\.record.target)
            try expect(own, equals: (0..<25).map { .keys([StoreKey("\(task):\($0)")]) }, "The records of a task")
        }
    }
}
