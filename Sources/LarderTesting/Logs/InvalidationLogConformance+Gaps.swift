import Larder

extension InvalidationLogConformance {
    static let gaps: [Check] = [
        Check("a reader of another epoch is told of a gap") { subject in
            _ = try await subject.log.append(numbered(1...3))
            let start = try await start(of: subject.log)
            for offset: UInt64 in [0, start.offset, start.offset + 1, .max] {
                let stranger = LogPosition(epoch: start.epoch &+ 1, offset: offset)
                let batch = try await subject.log.nextBatch(after: stranger, patience: .zero)
                try expect(batch.isAfterGap, "No gap was told after \(stranger).")
                try expect(batch.position, equals: start, "The position behind the gap")
            }
        },
        Check("a reader who is ahead of the log is told of a gap") { subject in
            let end = try await subject.log.append(numbered(1...3))
            let ahead = LogPosition(epoch: end.epoch, offset: end.offset + 1)
            try expect(try await subject.log.nextBatch(after: ahead, patience: .zero).isAfterGap, "No gap was told.")
        },
        Check("a reader who fell behind what the log keeps is told of a gap", limit: 100) { subject in
            let start = try await start(of: subject.log)
            let early = try await subject.log.append(numbered(1...10))
            for _ in 0..<20 { _ = try await subject.log.append(numbered(1...50)) }
            let end = try await subject.log.append(numbered(1...50))
            let newer = LogPosition(epoch: end.epoch, offset: end.offset - 50)
            try expect(try await read(subject.log, after: newer).isAfterGap, equals: false, "A gap at the newest 50")
            for position in [start, early] {
                let batch = try await subject.log.nextBatch(after: position, patience: .zero)
                try expect(batch.isAfterGap, "No gap was told.")
                let isBehindLoss = batch.position.epoch != position.epoch || batch.position.offset > position.offset
                try expect(isBehindLoss, "The reader is sent to \(batch.position), where the gap still lies ahead.")
                let rest = try await read(subject.log, after: batch.position)
                try expect(rest.isAfterGap, equals: false, "Another gap")
                try expect((100...250).contains(rest.records.count), "\(rest.records.count) records are left of 100.")
                try expect(rest.position, equals: end, "The end")
            }
        },
    ]
}
