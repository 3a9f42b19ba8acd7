/// Records that go to the sink as one write.
public struct JournalClaim: Hashable, Sendable {
    /// The numbers of the records.
    public var sequences: [UInt64]

    /// The number of the write's token, which is the highest of the numbers unless the write was a dead letter.
    public var token: UInt64

    /// How often the write was handed to the sink, with this time.
    public var attempts: Int

    /// Makes a claim.
    ///
    /// - Parameters:
    ///   - sequences: The numbers of the records.
    ///   - token: The number of the write's token.
    ///   - attempts: How often the write was handed to the sink, with this time.
    public init(sequences: [UInt64], token: UInt64, attempts: Int) {
        self.sequences = sequences
        self.token = token
        self.attempts = attempts
    }
}

/// What became of a claimed write.
public struct JournalSettlement: Hashable, Sendable {
    /// The numbers of the records, which are forgotten.
    public var sequences: [UInt64]

    /// What the write becomes if it was given up.
    public var deadLetter: DeadLetter?

    /// Makes a settlement.
    ///
    /// - Parameters:
    ///   - sequences: The numbers of the records, which are forgotten.
    ///   - deadLetter: What the write becomes if it was given up.
    public init(sequences: [UInt64], deadLetter: DeadLetter? = nil) {
        self.sequences = sequences
        self.deadLetter = deadLetter
    }
}

/// A write that was given up: the sink rejected it, or it failed too often or for too long.
public struct DeadLetter: Hashable, Sendable {
    /// The number of its token, by which it is named.
    public var number: UInt64

    /// The key in its encoded form.
    public var key: StoreKey

    /// What was to be written; see <doc:Writing>.
    public var body: [UInt8]

    /// How often it was tried.
    public var attempts: Int

    /// Why it was given up.
    public var reason: String

    /// Makes a dead letter.
    ///
    /// - Parameters:
    ///   - number: The number of its token.
    ///   - key: The key in its encoded form.
    ///   - body: What was to be written.
    ///   - attempts: How often it was tried.
    ///   - reason: Why it was given up.
    public init(number: UInt64, key: StoreKey, body: [UInt8], attempts: Int, reason: String) {
        self.number = number
        self.key = key
        self.body = body
        self.attempts = attempts
        self.reason = reason
    }
}
