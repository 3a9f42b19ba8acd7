import Larder
import LarderSQLite

/// Under which circumstances a worker is killed.
enum Scenario: String, CaseIterable {
    /// The sink gets each write by itself.
    case every
    /// Writes of one key become one.
    case coalescing
    /// The sink fails three calls of ten, before or after it took the writes, and rejects some writes for good.
    case failing
    /// The sink hangs now and then, and takes the writes after everybody has given up on it.
    case late
    /// The disk has room for some two hundred writes, and the sink is slow.
    case full

    /// How many keys there are: the even ones are put and deleted, the odd ones are counters.
    static let keys = 24

    var coalesces: Bool { self == .coalescing || self == .late }

    /// Each write with such a number is rejected for good.
    var rejectedNumbers: Int? { self == .failing ? 20 : nil }

    var policy: WriteBehindPolicy {
        var policy = WriteBehindPolicy()
        policy.coalescesWrites = coalesces
        policy.batchDelay = .milliseconds(1)
        policy.batchWrites = 20
        policy.concurrentBatches = 3
        policy.maximumPendingWrites = 300
        policy.retry.initialDelay = .milliseconds(1)
        policy.retry.maximumDelay = .milliseconds(10)
        policy.retry.maximumAttempts = 1_000_000
        if self == .late { policy.sinkTimeout = .milliseconds(15) }
        if self == .full { policy.maximumPendingWrites = 100_000 }
        return policy
    }

    var journal: SQLiteWriteJournal.Configuration {
        var configuration = SQLiteWriteJournal.Configuration()
        if self == .full { configuration.maximumPages = 12 }
        return configuration
    }

    /// What the write of a number does to a key.
    static func change(_ number: Int, of key: Int) -> WriteChange<Int> {
        if key % 2 == 1 { return .merge(1) }
        return number % deletedNumbers == 0 ? .delete : .put(number)
    }

    /// Each write with such a number is a deletion.
    static let deletedNumbers = 7
}
