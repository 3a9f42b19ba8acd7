/// A pending write in the form that a journal keeps.
public struct JournalRecord: Hashable, Sendable {
    /// The number of the write; larger than that of any earlier write.
    public var sequence: UInt64

    /// The key in its encoded form, for people and for tools.
    public var key: StoreKey

    /// What is to be written; see <doc:Writing>.
    public var body: [UInt8]

    /// The number of the token under which the record was handed to the sink, if it was.
    public var token: UInt64?

    /// How often it was handed to the sink.
    public var attempts: Int

    /// Makes a record.
    ///
    /// - Parameters:
    ///   - sequence: The number of the write.
    ///   - key: The key in its encoded form.
    ///   - body: What is to be written.
    ///   - token: The number of the token under which the record was handed to the sink, if it was.
    ///   - attempts: How often it was handed to the sink.
    public init(sequence: UInt64, key: StoreKey, body: [UInt8], token: UInt64? = nil, attempts: Int = 0) {
        self.sequence = sequence
        self.key = key
        self.body = body
        self.token = token
        self.attempts = attempts
    }
}

/// What a journal held when it was opened.
public struct JournalContents: Hashable, Sendable {
    /// The random number that tells this journal from others.
    public var identifier: UInt64

    /// The fence of the new owner: higher than that of any earlier one, and less than 2²⁷.
    public var fence: UInt64

    /// The pending records, by their numbers.
    public var records: [JournalRecord]

    /// How many dead letters there are.
    public var deadLetters: Int

    /// What was lost to damage, if anything was.
    public var loss: JournalLoss?

    /// Makes contents.
    ///
    /// - Parameters:
    ///   - identifier: The random number that tells this journal from others.
    ///   - fence: The fence of the new owner.
    ///   - records: The pending records, by their numbers.
    ///   - deadLetters: How many dead letters there are.
    ///   - loss: What was lost to damage, if anything was.
    public init(
        identifier: UInt64,
        fence: UInt64,
        records: [JournalRecord] = [],
        deadLetters: Int = 0,
        loss: JournalLoss? = nil
    ) {
        self.identifier = identifier
        self.fence = fence
        self.records = records
        self.deadLetters = deadLetters
        self.loss = loss
    }
}

/// What a damaged journal lost.
public struct JournalLoss: Hashable, Sendable {
    /// How many pending writes and dead letters could be read and were kept.
    public var salvaged: Int

    /// How many were found with a wrong checksum, and were left out.
    public var damaged: Int

    /// Between which numbers writes may be missing that could not be read at all.
    public var gaps: [ClosedRange<UInt64>]

    /// Where the damaged file is now.
    public var path: String

    /// Makes a report.
    ///
    /// - Parameters:
    ///   - salvaged: How many pending writes and dead letters could be read.
    ///   - damaged: How many were found with a wrong checksum.
    ///   - gaps: Between which numbers writes may be missing.
    ///   - path: Where the damaged file is now.
    public init(salvaged: Int, damaged: Int, gaps: [ClosedRange<UInt64>], path: String) {
        self.salvaged = salvaged
        self.damaged = damaged
        self.gaps = gaps
        self.path = path
    }
}
