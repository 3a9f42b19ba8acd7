import Larder

extension InvalidationLogConformance {
    static let order: [Check] = [
        Check("a reader who knows nothing is told of a gap, and then gets all there is") { subject in
            let end = try await subject.log.append(numbered(1...3))
            let batch = try await subject.log.nextBatch(after: nil, patience: .zero)
            try expect(batch.isAfterGap && batch.records.isEmpty, "The first batch is \(batch).")
            let reading = try await read(subject.log, after: batch.position)
            try expect(reading.records.map(\.record), equals: numbered(1...3), "The records")
            try expect(reading.position, equals: end, "The position behind the last record")
        },
        Check("records of any kind come back as they were appended") { subject in
            let start = try await start(of: subject.log)
            for record in samples { _ = try await subject.log.append(record) }
            let records = try await read(subject.log, after: start).records.map(\.record)
            try expect(records, equals: samples, "The records")
        },
        Check("offsets grow, and those of one append end at its position") { subject in
            let start = try await start(of: subject.log)
            var ends: [LogPosition] = []
            for count in [1, 2, 5, 1] { ends.append(try await subject.log.append(numbered(1...count))) }
            let records = try await read(subject.log, after: start).records
            let offsets = records.map(\.offset)
            try expect(zip(offsets, offsets.dropFirst()).allSatisfy { $0 < $1 }, "The offsets are \(offsets).")
            try expect(
                [0, 2, 7, 8].map { offsets[$0] },
                equals: ends.map(\.offset),
                "The offsets of the last record of each append"
            )
            try expect((offsets.first ?? 0) > start.offset, "The first record stands at the start.")
            try expect(Set(ends.map(\.epoch)), equals: [start.epoch], "The epochs")
        },
        Check("a reader goes on at any position, and gets no record twice") { subject in
            let start = try await start(of: subject.log)
            _ = try await subject.log.append(numbered(1...20))
            let all = try await read(subject.log, after: start).records
            for (index, record) in all.enumerated() {
                let position = LogPosition(epoch: start.epoch, offset: record.offset)
                let rest = try await read(subject.log, after: position).records
                try expect(rest, equals: Array(all[(index + 1)...]), "The records after the record \(index)")
            }
        },
        Check("a record that is too large is refused, and its neighbours with it") { subject in
            let start = try await start(of: subject.log)
            let large = InvalidationRecord(.keys([StoreKey(bytes: [UInt8](repeating: 1, count: 2 << 20))]), in: "n")
            try await expectError("A record of 2 MiB") { _ = try await subject.log.append(numbered(1...1) + [large]) }
            try expect(try await read(subject.log, after: start).records, equals: [], "The records")
        },
        Check("many records come in batches that are not too large") { subject in
            let start = try await start(of: subject.log)
            for _ in 0..<10 { _ = try await subject.log.append(numbered(1...900)) }
            let first = try await subject.log.nextBatch(after: start, patience: .zero)
            try expect((1...5_000).contains(first.records.count), "A batch holds \(first.records.count) records.")
            try expect(Int(first.recordsBehind), equals: 9_000 - first.records.count, "The records behind it")
            try expect(try await read(subject.log, after: start).records.count, equals: 9_000, "The number of records")
        },
    ]

    static func numbered(_ numbers: ClosedRange<Int>) -> [InvalidationRecord] {
        numbers.map { InvalidationRecord(.keys([StoreKey("n:\($0)")]), in: "n") }
    }

    /// One record of each kind.
    private static let samples: [InvalidationRecord] =
        [
            InvalidationRecord(.keys([StoreKey(bytes: [0, 0xFF, 0x0A])]), in: "notes"),
            InvalidationRecord(.keys(["a", "b", ""].map { StoreKey($0) }), in: "caf\u{E9}", isSoft: true),
            InvalidationRecord(.tags(["author:7"]), in: "notes"),
            InvalidationRecord(.tags(["", "b\u{0}c", "\u{1F600}"]), in: "notes", isSoft: true),
            InvalidationRecord(.everything, in: ""),
            InvalidationRecord(.everything, in: "notes", isSoft: true),
        ] + ((try? KeyPattern("note:*:[a-z]")).map { [InvalidationRecord(.pattern($0), in: "notes")] } ?? [])

    /// The position of a reader who has been told of the first gap.
    static func start(of log: any InvalidationLog) async throws -> LogPosition {
        try await log.nextBatch(after: nil, patience: .zero).position
    }

    /// Reads until the log has nothing more.
    static func read(_ log: any InvalidationLog, after position: LogPosition) async throws -> LogBatch {
        var all = LogBatch(records: [], position: position)
        while true {
            let batch = try await log.nextBatch(after: all.position, patience: .zero)
            try expect(!batch.isAfterGap || batch.records.isEmpty, "A batch after a gap holds records.")
            all.records += batch.records
            all.isAfterGap = all.isAfterGap || batch.isAfterGap
            all.position = batch.position
            if batch.records.isEmpty && !batch.isAfterGap { return all }
        }
    }
}
