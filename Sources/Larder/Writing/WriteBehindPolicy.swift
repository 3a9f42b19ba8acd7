import MemoryCache

/// How a ``WriteBehindCache`` keeps, gathers and retries writes.
public struct WriteBehindPolicy: Hashable, Sendable {
    /// What has happened to a write when the call that made it returns.
    public enum Durability: Hashable, Sendable {
        /// It is on the disk. Writes that come at the same time share one sync.
        case everyWrite

        /// It is in memory, and on the disk after the interval at the latest, more than zero and at most an hour.
        ///
        /// A crash loses the writes of the last interval.
        case interval(Duration)

        /// It is in memory alone. A crash loses what the sink does not have yet.
        case memoryOnly
    }

    /// What happens to a write while as many are pending as may be.
    public enum Overload: Hashable, Sendable {
        /// It waits for room.
        case wait

        /// It goes to the sink, behind earlier writes of its key, and the call returns when the sink has it.
        ///
        /// It is tried once; if that fails, the call throws.
        case writeThrough

        /// It is refused with an error of the code `overloaded`.
        case refuse
    }

    /// When a write is safe; ``Durability/everyWrite`` unless set.
    public var durability = Durability.everyWrite

    /// What happens while the journal is full; ``Overload/wait`` unless set.
    public var overload = Overload.wait

    /// How many writes may be pending, at least 1; 100,000 unless set.
    public var maximumPendingWrites = 100_000

    /// How many bytes of keys and values may be pending, at least 1; 64 MiB unless set.
    ///
    /// A write that is larger by itself is accepted when nothing else is pending.
    public var maximumPendingBytes = 64 << 20

    /// Whether writes of one key that wait together go to the sink as one; `true` unless set.
    ///
    /// That one is the newest put or delete, or what the merges come to. Otherwise the sink gets each of them.
    public var coalescesWrites = true

    /// How many writes one call of the sink gets at most, at least 1; 100 unless set.
    public var batchWrites = 100

    /// How many bytes of keys and values one call of the sink gets at most, at least 1; 1 MiB unless set.
    ///
    /// A write that is larger by itself gets a call of its own.
    public var batchBytes = 1 << 20

    /// How long a write waits for others to share a call with, from zero to an hour; 100 milliseconds unless set.
    public var batchDelay = Duration.milliseconds(100)

    /// How many calls of the sink run at the same time, at least 1; 4 unless set.
    ///
    /// Writes of one key never do.
    public var concurrentBatches = 4

    /// How long a call of the sink may take, more than zero and at most a day; 30 seconds unless set.
    ///
    /// A call that takes longer is given up and tried again. While 16 calls that were given up have not ended, no
    /// further ones are made.
    public var sinkTimeout = Duration.seconds(30)

    /// When a failed write is tried again, and when it is given up.
    public var retry = RetryPolicy()

    /// How long a graceful shutdown hands pending writes to the sink, from zero to a day; 10 seconds unless set.
    ///
    /// What is left then stays in the journal.
    public var shutdownTimeout = Duration.seconds(10)

    /// Makes a policy of the default settings.
    public init() {}
}

/// When a failed write is tried again, and when it is given up.
public struct RetryPolicy: Hashable, Sendable {
    /// How long to wait before the second try, more than zero and at most a day; 100 milliseconds unless set.
    public var initialDelay = Duration.milliseconds(100)

    /// The longest wait, at most a day; a minute unless set.
    ///
    /// Each wait is twice the one before, up to this.
    public var maximumDelay = Duration.seconds(60)

    /// By which share, from 0 to 1, a wait may be shortened at random; one half unless set.
    public var jitter = 0.5

    /// How often a write is tried before it is given up, at least 1; 100 unless set, which takes about an hour and a
    /// half.
    ///
    /// Tries together with others that failed as a whole only count once the write has failed alone.
    public var maximumAttempts = 100

    /// How long after it was accepted, or found at the start, a failing write is given up, more than zero and at most
    /// ``CachePolicy/maximumDuration``; a day unless set.
    public var maximumAge = Duration.seconds(86_400)

    /// Makes a policy of the default settings.
    public init() {}

    /// How long to wait after a number of tries; the random number from 0 to 1 decides how much the jitter takes.
    func delay(afterAttempts attempts: Int, random: Double) -> Duration {
        let factor = Double(UInt64(1) << UInt64(min(max(attempts - 1, 0), 40)))
        return min(maximumDelay, initialDelay * factor) * (1 - jitter * random)
    }
}

extension WriteBehindPolicy {
    func validate() throws(CacheError) {
        let day = Duration.seconds(86_400)
        let hour = Duration.seconds(3_600)
        if case .interval(let interval) = durability {
            try check(interval > .zero && interval <= hour, "The interval has to be more than zero and at most an hour")
        }
        try check(maximumPendingWrites >= 1, "maximumPendingWrites has to be at least 1")
        try check(maximumPendingBytes >= 1, "maximumPendingBytes has to be at least 1")
        try check(batchWrites >= 1, "batchWrites has to be at least 1")
        try check(batchBytes >= 1, "batchBytes has to be at least 1")
        try check(batchDelay >= .zero && batchDelay <= hour, "batchDelay has to be from zero to an hour")
        try check(concurrentBatches >= 1, "concurrentBatches has to be at least 1")
        try check(sinkTimeout > .zero && sinkTimeout <= day, "sinkTimeout has to be more than zero and at most a day")
        try check(shutdownTimeout >= .zero && shutdownTimeout <= day, "shutdownTimeout has to be from zero to a day")
        try check(
            retry.initialDelay > .zero && retry.initialDelay <= day,
            "initialDelay has to be more than zero and at most a day"
        )
        try check(
            retry.maximumDelay >= retry.initialDelay && retry.maximumDelay <= day,
            "maximumDelay has to be from initialDelay to a day"
        )
        try check((0...1).contains(retry.jitter), "The jitter of retries has to be from 0 to 1")
        try check(retry.maximumAttempts >= 1, "maximumAttempts has to be at least 1")
        try check(
            retry.maximumAge > .zero && retry.maximumAge <= CachePolicy.maximumDuration,
            "maximumAge has to be more than zero and at most a hundred years"
        )
    }

    private func check(_ condition: Bool, _ rule: String) throws(CacheError) {
        guard condition else { throw CacheError(.invalidConfiguration, "\(rule).") }
    }
}
