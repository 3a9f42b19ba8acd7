import Larder

/// What the writer of a journal can be asked to do.
enum JournalOperation: QueuedOperation {
    /// What the caller learns.
    enum Outcome: Sendable {
        case count(Int)
        case letters([DeadLetter])
        case lease(LeaseOutcome)
    }

    case append([JournalRecord])
    case claim([JournalClaim])
    case settle([JournalSettlement])
    case revive([JournalRecord])
    case renewLease
    case takeLease(byForce: Bool)
    case list(after: UInt64?, limit: Int)
    case requestReplay([UInt64]?)
    case drop([UInt64]?)
    case checkpoint

    /// Whether the operation changes records, and so may share a transaction with others.
    var isChange: Bool {
        switch self {
        case .takeLease, .checkpoint: false
        default: true
        }
    }

    /// Whether the operation is for the owner alone.
    var needsLease: Bool {
        switch self {
        case .append, .claim, .settle, .revive, .renewLease: true
        case .takeLease, .list, .requestReplay, .drop, .checkpoint: false
        }
    }

    /// Whether the operation has to be on the disk when its caller learns of it.
    ///
    /// What a power failure takes back of the others is done again: a write that was settled goes to the sink a second
    /// time, with its token. No later write of its key has reached the sink, as the claim of that one would have
    /// brought the settlement to the disk.
    var needsSync: Bool {
        switch self {
        case .settle(let settlements): settlements.contains { $0.deadLetter != nil }
        case .renewLease, .list: false
        default: true
        }
    }

    var writes: Int {
        switch self {
        case .append(let records), .revive(let records): records.count
        case .claim(let claims): claims.count
        case .settle(let settlements): settlements.count
        default: 1
        }
    }

    var bytes: Int {
        switch self {
        case .append(let records), .revive(let records):
            records.reduce(0) { $0 + $1.key.bytes.count + $1.body.count }
        case .settle(let settlements): settlements.reduce(0) { $0 + ($1.deadLetter?.body.count ?? 0) }
        default: 0
        }
    }
}

/// How an attempt to become the owner ended.
enum LeaseOutcome: Sendable {
    case taken(JournalContents)
    /// Somebody else has it, whose heart has beaten so often.
    case refused(heartbeat: Int64)
}
