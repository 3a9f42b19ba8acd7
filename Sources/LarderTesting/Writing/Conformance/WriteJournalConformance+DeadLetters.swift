import Larder

extension WriteJournalConformance {
    static let lettersOfTheDead: [Check] = [
        Check("dead letters are listed by number, a page at a time, over a restart too") { make in
            let letters = try await withJournal(make) { journal, contents in
                let letters = try await bury(5, in: journal, contents)
                try expect(try await journal.deadLetters(after: nil, limit: 10), equals: letters, "The dead letters")
                return letters
            }
            try await withJournal(make) { journal, contents in
                try expect(contents.records, equals: [], "The records")
                try expect(contents.deadLetters, equals: 5, "The number of dead letters")
                let first = try await journal.deadLetters(after: nil, limit: 2)
                try expect(first, equals: Array(letters[..<2]), "The first page")
                let rest = try await journal.deadLetters(after: letters[1].number, limit: 10)
                try expect(rest, equals: Array(letters[2...]), "The rest")
            }
        },
        Check("dropped dead letters are gone, and nothing else is") { make in
            try await withJournal(make) { journal, contents in
                let letters = try await bury(3, in: journal, contents)
                let dropped = try await journal.dropDeadLetters([letters[1].number, 7, letters[1].number])
                try expect(dropped, equals: 1, "The number of dropped dead letters")
                let left = try await journal.deadLetters(after: nil, limit: 10)
                try expect(left, equals: [letters[0], letters[2]], "The dead letters")
                try expect(try await journal.dropDeadLetters(nil), equals: 2, "The number of dropped dead letters")
                try expect(try await journal.deadLetters(after: nil, limit: 10), equals: [], "The dead letters")
            }
        },
        Check("a replay is asked for once, reaches the owner, and makes a pending record") { make in
            let record = try await withJournal(make) { journal, contents in
                let letters = try await bury(3, in: journal, contents)
                try expect(try await journal.renewLease(), equals: [], "What is to be replayed")
                let wanted = try await journal.requestReplay(of: [letters[1].number, 7])
                try expect(wanted, equals: 1, "The number of dead letters to be replayed")
                try expect(try await journal.renewLease(), equals: [letters[1]], "What is to be replayed")
                let record = JournalRecord(9, "key 2", "again", fence: contents.fence, token: letters[1].number)
                try await journal.revive([record])
                try expect(try await journal.renewLease(), equals: [], "What is to be replayed")
                let left = try await journal.deadLetters(after: nil, limit: 10)
                try expect(left, equals: [letters[0], letters[2]], "The dead letters")
                return record
            }
            try await withJournal(make) { _, contents in
                try expect(contents.records, equals: [record], "The records")
            }
        },
        Check("a replay that was asked for survives a restart") { make in
            let letters = try await withJournal(make) { journal, contents in
                let letters = try await bury(2, in: journal, contents)
                try expect(try await journal.requestReplay(of: nil), equals: 2, "The number of dead letters")
                return letters
            }
            try await withJournal(make) { journal, _ in
                try expect(try await journal.renewLease(), equals: letters, "What is to be replayed")
            }
        },
        Check("a dead letter that dies again is no longer to be replayed") { make in
            try await withJournal(make) { journal, contents in
                var letter = try await bury(1, in: journal, contents)[0]
                try await journal.requestReplay(of: nil)
                letter.reason = "another"
                try await journal.settle([JournalSettlement(sequences: [], deadLetter: letter)])
                try expect(try await journal.renewLease(), equals: [], "What is to be replayed")
                try expect(try await journal.deadLetters(after: nil, limit: 10), equals: [letter], "The dead letters")
            }
        },
    ]

    /// Appends writes, and gives them up.
    private static func bury(
        _ count: UInt64,
        in journal: any WriteJournal,
        _ contents: JournalContents
    ) async throws -> [DeadLetter] {
        let records = (1...count).map { JournalRecord($0, "key \($0)", "text", fence: contents.fence) }
        try await journal.append(records)
        let letters = records.map { $0.letter("rejected: \($0.key)") }
        try await journal.settle(
            zip(records, letters).map { JournalSettlement(sequences: [$0.sequence], deadLetter: $1) }
        )
        return letters
    }
}
