import Larder

extension WriteJournalConformance {
    static let keeping: [Check] = [
        Check("a new journal is empty") { make in
            try await withJournal(make) { _, contents in
                try expect(contents.records, equals: [], "The records")
                try expect(contents.deadLetters, equals: 0, "The number of dead letters")
                try expect(contents.loss, equals: nil, "The loss")
                try expect((1..<(1 << 27)).contains(contents.fence), "The fence \(contents.fence) is out of range.")
            }
        },
        Check("what was appended is found by the next owner, by number") { make in
            let written = try await withJournal(make) { journal, contents in
                let records = (1...20).map { JournalRecord($0, "key \($0 % 3)", "text \($0)", fence: contents.fence) }
                try await journal.append(Array(records[10...]))
                try await journal.append(Array(records[..<10]))
                try await journal.append([])
                return records
            }
            try await withJournal(make) { _, contents in
                try expect(contents.records, equals: written, "The records")
            }
        },
        Check("large and empty values are kept as they are") { make in
            let written = try await withJournal(make) { journal, contents in
                let records = [
                    JournalRecord(1, "empty", "", fence: contents.fence),
                    JournalRecord(2, "large", String(repeating: "x", count: 300_000), fence: contents.fence),
                ]
                try await journal.append(records)
                return records
            }
            try await withJournal(make) { _, contents in
                try expect(contents.records, equals: written, "The records")
            }
        },
        Check("what was appended by many at once is all there") { make in
            let count: UInt64 = 200
            try await withJournal(make) { journal, contents in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 1...count {
                        group.addTask {
                            try await journal.append([JournalRecord(number, "key", "text", fence: contents.fence)])
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await withJournal(make) { _, contents in
                try expect(contents.records.count, equals: Int(count), "The number of records")
            }
        },
        Check("what was settled is forgotten, and nothing else") { make in
            let written = try await withJournal(make) { journal, contents in
                let records = (1...6).map { JournalRecord($0, "key", "text \($0)", fence: contents.fence) }
                try await journal.append(records)
                try await journal.settle([
                    JournalSettlement(sequences: [records[0].sequence, records[3].sequence]),
                    JournalSettlement(sequences: [records[5].sequence]),
                ])
                return records
            }
            try await withJournal(make) { _, contents in
                try expect(contents.records, equals: [written[1], written[2], written[4]], "The records")
            }
        },
        Check("what was claimed is found with its token and its tries") { make in
            let written = try await withJournal(make) { journal, contents in
                let records = (1...3).map { JournalRecord($0, "key", "text \($0)", fence: contents.fence) }
                try await journal.append(records)
                let sequences = records[...1].map(\.sequence)
                for attempts in 1...2 {
                    try await journal.claim([
                        JournalClaim(sequences: sequences, token: records[1].sequence, attempts: attempts)
                    ])
                }
                return records
            }
            try await withJournal(make) { _, contents in
                var expected = written
                for index in 0...1 {
                    expected[index].token = written[1].sequence
                    expected[index].attempts = 2
                }
                try expect(contents.records, equals: expected, "The records")
            }
        },
        Check("the fence grows with each owner, and the identifier stays") { make in
            var contents: [JournalContents] = []
            for _ in 0..<3 { contents.append(try await withJournal(make) { $1 }) }
            try expect(contents[0].fence < contents[1].fence, "The second fence is not above the first.")
            try expect(contents[1].fence < contents[2].fence, "The third fence is not above the second.")
            try expect(Set(contents.map(\.identifier)).count, equals: 1, "The number of identifiers")
        },
        Check("a closed journal takes nothing, and may be closed again") { make in
            let journal = try await make()
            let contents = try await journal.open()
            await journal.close()
            await journal.close()
            try await expectError("An append after the end") {
                try await journal.append([JournalRecord(1, "key", "text", fence: contents.fence)])
            }
            try await withJournal(make) { _, contents in
                try expect(contents.records, equals: [], "The records")
            }
        },
    ]
}
