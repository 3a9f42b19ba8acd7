public import Larder

/// The checks that every `WriteJournal` has to pass.
///
/// They need no test framework. With Swift Testing they make one parameterised test:
///
/// ```swift
/// @Test("my journal keeps the promises of a journal", arguments: WriteJournalConformance.checks)
/// func conformance(check: WriteJournalConformance.Check) async throws {
///     let path = temporaryPath()
///     try await check.run { try MyJournal(path: path) }
/// }
/// ```
public enum WriteJournalConformance {
    /// One promise, and how to find out whether a journal keeps it.
    public struct Check: Sendable, CustomStringConvertible {
        /// The promise in a few words, different for each check.
        public let name: String

        /// The name.
        public var description: String { name }

        private let body: @Sendable (() async throws -> any WriteJournal) async throws -> Void

        init(_ name: String, body: @escaping @Sendable (() async throws -> any WriteJournal) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// Checks a journal.
        ///
        /// - Parameter makeJournal: Makes a journal that is not open yet. The first has nothing in it; each further one
        ///   is the same journal after a restart, and is only opened once the one before was closed.
        /// - Throws: ``ConformanceFailure`` if the promise is broken; otherwise what the journal threw.
        public func run(makeJournal: () async throws -> any WriteJournal) async throws {
            do {
                try await body(makeJournal)
            } catch let failure as ConformanceFailure {
                throw failure.named(name)
            }
        }
    }

    /// All checks, in an order from simple to involved.
    public static let checks: [Check] = keeping + lettersOfTheDead
}

extension JournalRecord {
    /// A record that puts a text.
    init(_ number: UInt64, _ key: String, _ text: String, fence: UInt64, token: UInt64? = nil) {
        let storeKey = StoreKey(key)
        var numbers = SequenceNumbers(fence: fence)
        var sequence: UInt64 = 0
        for _ in 0..<number { sequence = numbers.next() }
        let body = JournalBody(kind: .put, schemaVersion: 1, value: Array(text.utf8))
        self.init(
            sequence: sequence,
            key: storeKey,
            body: body.encode(sequence: sequence, storeKey: storeKey),
            token: token
        )
    }

    /// The record as a dead letter.
    func letter(_ reason: String) -> DeadLetter {
        DeadLetter(number: sequence, key: key, body: body, attempts: attempts, reason: reason)
    }
}

/// Opens a journal, does something with it, and closes it.
func withJournal<Output>(
    _ makeJournal: () async throws -> any WriteJournal,
    _ body: (any WriteJournal, JournalContents) async throws -> Output
) async throws -> Output {
    let journal = try await makeJournal()
    do {
        let output = try await body(journal, try await journal.open())
        await journal.close()
        return output
    } catch {
        await journal.close()
        throw error
    }
}
