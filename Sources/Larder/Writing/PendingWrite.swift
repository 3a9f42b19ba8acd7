/// A write that the sink does not have yet, or several of one key that have become one.
struct PendingWrite<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    enum Stage: Sendable {
        /// The journal does not have it, and nobody may see it.
        case saving
        /// The journal does not have it, but it was acknowledged.
        case unsaved
        /// It may go to the sink.
        case ready
    }

    let key: Key
    let storeKey: StoreKey
    var change: WriteChange<Value>

    /// The numbers of the writes that it is made of.
    var sequences: [UInt64]

    /// How many bytes those take together in the journal.
    var bytes: Int

    /// When the oldest of them was accepted.
    let since: UInt64

    var stage: Stage

    /// Whether it stands in the journal, or will.
    let isJournaled: Bool

    /// Whether a caller waits for the sink to take it, or not, at the first try.
    let isDirect: Bool

    /// The number of its token once it was handed to the sink, from when on it is merged with nothing.
    var token: UInt64?

    var attempts = 0

    /// With how many others at most it may share a call, itself included.
    var batchLimit = Int.max

    var isMergeable: Bool { stage == .ready && token == nil && !isDirect }

    /// The newest of its numbers.
    var sequence: UInt64 { sequences.last ?? 0 }
}

/// What one call of the sink is about.
struct PendingBatch<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// The writes, of different keys, with their tokens.
    var writes: [PendingWrite<Key, Value>]

    /// What the journal has to know before the sink does.
    var claims: [JournalClaim] {
        writes.compactMap { write in
            guard write.isJournaled, let token = write.token else { return nil }
            return JournalClaim(sequences: write.sequences, token: token, attempts: write.attempts)
        }
    }
}

/// What is to become of a write that was handed to the sink.
enum Verdict: Hashable, Sendable {
    case done
    /// To be tried again; among fewer, if the whole call failed.
    case retry(reason: String, isolating: Bool)
    case dead(reason: String)

    var isDone: Bool { self == .done }
}
