public import Larder
import MemoryCache

/// A journal in memory: the reference of what a journal does, and a quick stand-in for one in tests.
///
/// What it keeps is on a ``Disk``, which outlives it as a file outlives a process:
///
/// ```swift
/// let disk = DictionaryJournal.Disk()
/// let first = DictionaryJournal(disk)
/// let second = DictionaryJournal(disk)      // after a restart
/// ```
public final class DictionaryJournal: WriteJournal {
    /// What journals keep their records on.
    public final class Disk: Sendable {
        struct Content {
            var records: [UInt64: JournalRecord] = [:]
            var letters: [UInt64: DeadLetter] = [:]
            var wanted: Set<UInt64> = []
            var fence: UInt64 = 1
            var error: (any Error)?
        }

        let identifier = UInt64.random(in: 1...UInt64.max)
        let content = Locked(Content())

        /// Makes an empty disk.
        public init() {}

        /// What each call throws, as if the disk were full; `nil` for a disk that works.
        public var error: (any Error)? {
            get { content.withLock { $0.error } }
            set { content.withLock { $0.error = newValue } }
        }

        /// The pending records, by their numbers.
        public var records: [JournalRecord] {
            content.withLock { $0.records.values.sorted { $0.sequence < $1.sequence } }
        }
    }

    /// What a journal in memory refuses.
    public struct Refusal: Error, Hashable {
        /// What was wrong.
        public let message: String
    }

    /// How often the owner shows that it is alive.
    public let leaseRenewalInterval: Duration

    private let disk: Disk
    private let fence = Locked<UInt64?>(nil)

    /// Makes a journal.
    ///
    /// - Parameters:
    ///   - disk: What it keeps its records on.
    ///   - leaseRenewalInterval: How often the owner shows that it is alive, more than zero.
    public init(_ disk: Disk = Disk(), leaseRenewalInterval: Duration = .seconds(3)) {
        self.disk = disk
        self.leaseRenewalInterval = leaseRenewalInterval
    }

    private func change<Result>(_ body: (inout Disk.Content) throws -> Result) throws -> Result {
        let fence = fence.withLock { $0 }
        return try disk.content.withLock { content in
            if let error = content.error { throw error }
            guard let fence else { throw Refusal(message: "The journal is not open.") }
            guard content.fence == fence else {
                throw CacheError(.journalInUse, "Another owner has taken the journal over.")
            }
            return try body(&content)
        }
    }

    private func look<Result>(_ body: (inout Disk.Content) throws -> Result) throws -> Result {
        try disk.content.withLock { content in
            if let error = content.error { throw error }
            return try body(&content)
        }
    }

    /// Takes the journal from whoever has it.
    public func open() async throws -> JournalContents {
        let contents = try look { content in
            content.fence += 1
            return JournalContents(
                identifier: disk.identifier,
                fence: content.fence,
                records: content.records.values.sorted { $0.sequence < $1.sequence },
                deadLetters: content.letters.count
            )
        }
        fence.withLock { $0 = contents.fence }
        return contents
    }

    /// Keeps records.
    public func append(_ records: [JournalRecord]) async throws {
        try change { content in
            for record in records { content.records[record.sequence] = record }
        }
    }

    /// Notes that records are about to be handed to the sink.
    public func claim(_ claims: [JournalClaim]) async throws {
        try change { content in
            for claim in claims {
                for sequence in claim.sequences {
                    content.records[sequence]?.token = claim.token
                    content.records[sequence]?.attempts = claim.attempts
                }
            }
        }
    }

    /// Forgets what is done, and moves what was given up to the dead letters.
    public func settle(_ settlements: [JournalSettlement]) async throws {
        try change { content in
            for settlement in settlements {
                for sequence in settlement.sequences { content.records[sequence] = nil }
                if let letter = settlement.deadLetter {
                    content.letters[letter.number] = letter
                    content.wanted.remove(letter.number)
                }
            }
        }
    }

    /// Shows that the owner is alive.
    public func renewLease() async throws -> [DeadLetter] {
        try change { content in
            content.wanted.sorted().compactMap { content.letters[$0] }
        }
    }

    /// Makes pending records of dead letters.
    public func revive(_ records: [JournalRecord]) async throws {
        try change { content in
            for record in records {
                content.records[record.sequence] = record
                guard let number = record.token else { continue }
                content.letters[number] = nil
                content.wanted.remove(number)
            }
        }
    }

    /// Lists dead letters.
    public func deadLetters(after number: UInt64?, limit: Int) async throws -> [DeadLetter] {
        try look { content in
            let letters = content.letters.values.filter { $0.number > number ?? 0 }.sorted { $0.number < $1.number }
            return Array(letters.prefix(limit))
        }
    }

    /// Asks the owner to try dead letters again.
    @discardableResult
    public func requestReplay(of numbers: [UInt64]?) async throws -> Int {
        try look { content in
            let wanted = Set(numbers ?? Array(content.letters.keys)).intersection(content.letters.keys)
            content.wanted.formUnion(wanted)
            return wanted.count
        }
    }

    /// Forgets dead letters.
    @discardableResult
    public func dropDeadLetters(_ numbers: [UInt64]?) async throws -> Int {
        try look { content in
            let dropped = Set(numbers ?? Array(content.letters.keys)).intersection(content.letters.keys)
            for number in dropped { content.letters[number] = nil }
            content.wanted.subtract(dropped)
            return dropped.count
        }
    }

    /// Gives the lease back.
    public func close() async {
        fence.withLock { $0 = nil }
    }
}
