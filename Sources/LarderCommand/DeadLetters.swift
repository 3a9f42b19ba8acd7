import ArgumentParser
import Foundation
import Larder
import LarderMonitoring
import LarderSQLite
import Logging

/// Looks after the writes that a write-behind cache has given up.
struct DeadLetters: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists, replays or drops the writes that a write-behind cache has given up.",
        discussion: "The process that owns the journal may run meanwhile.",
        subcommands: [List.self, Replay.self, Drop.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists dead letters, oldest first.")

        @OptionGroup var journal: JournalArguments

        @Option(help: "How many to list.")
        var limit = 100

        @Option(help: "Begins behind this number.")
        var after: UInt64?

        func validate() throws {
            if limit < 1 { throw ValidationError("The limit has to be at least 1.") }
        }

        func run() async throws {
            let letters = try await journal.withJournal { try await $0.deadLetters(after: after, limit: limit) }
            guard !letters.isEmpty else { return print("There are no dead letters.") }
            let rows = letters.map { letter in
                ["\(letter.number)", letter.change, "\(letter.attempts)", "\(letter.key)", letter.reason]
            }
            print(TextTable.text(head: ["number", "change", "tries", "key", "reason"], rows: rows))
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Has the owner of the journal try dead letters again.",
            discussion: """
                A running owner does so within some seconds, another one when it starts. A replayed write goes behind \
                the pending writes of its key.
                """
        )

        @OptionGroup var journal: JournalArguments
        @OptionGroup var selection: LetterSelection

        func run() async throws {
            let count = try await journal.withJournal { try await $0.requestReplay(of: selection.chosen) }
            print("To be replayed: \(count)")
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Forgets dead letters for good.")

        @OptionGroup var journal: JournalArguments
        @OptionGroup var selection: LetterSelection

        func run() async throws {
            let count = try await journal.withJournal { try await $0.dropDeadLetters(selection.chosen) }
            print("Dropped \(count)")
        }
    }
}

/// The arguments that name a journal.
struct JournalArguments: ParsableArguments {
    @Argument(help: "The file of the journal, as given to SQLiteWriteJournal.")
    var file: String

    /// Opens the journal without taking it over, runs `body`, and closes it.
    func withJournal<Result>(_ body: (SQLiteWriteJournal) async throws -> Result) async throws -> Result {
        try FileHeader.check(file, letters: "LarJ", kind: "journal")
        let journal = try SQLiteWriteJournal(path: file, logger: Logger(label: "larder"))
        do {
            let result = try await body(journal)
            await journal.close()
            return result
        } catch {
            await journal.close()
            throw error
        }
    }
}

/// The arguments that say which dead letters are meant.
struct LetterSelection: ParsableArguments {
    @Argument(help: "The numbers of the dead letters.")
    var numbers: [UInt64] = []

    @Flag(help: "All dead letters.")
    var all = false

    func validate() throws {
        guard all == numbers.isEmpty else { throw ValidationError("Give either numbers or --all.") }
    }

    var chosen: [UInt64]? { all ? nil : numbers }
}

extension DeadLetter {
    /// What the write would have done.
    var change: String {
        do {
            switch try JournalBody(body.span.bytes, sequence: number, storeKey: key).kind {
            case .put: return "put"
            case .delete: return "delete"
            case .merge: return "merge"
            }
        } catch {
            return "unreadable"
        }
    }
}
