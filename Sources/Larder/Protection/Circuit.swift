import MemoryCache

/// What a ``CircuitBreaker`` knows and decides, without lock, clock or chance.
///
/// Each stay in a state is a term. A call belongs to the term in which it was admitted, and its result counts in no
/// other: a call from before the breaker opened says nothing about the origin after it.
struct Circuit {
    /// What an admitted call shows when it reports.
    struct Token: Hashable {
        fileprivate let term: UInt64
        fileprivate let number: UInt64
    }

    /// The answer to a call that wants to begin.
    enum Admission: Equatable {
        case admitted(Token)
        /// Not before this moment, or, while probes are under way, at this moment at the latest.
        case refused(until: UInt64)
    }

    /// The calls that decide whether the circuit closes.
    private struct Trial {
        /// When each of those under way is given up.
        var pending: [UInt64: UInt64] = [:]
        var reported = 0
        var slowCalls = 0
    }

    private let configuration: CircuitBreaker.Configuration
    private var window: CallWindow
    private var trial = Trial()
    private var term: UInt64 = 0
    private var lastNumber: UInt64 = 0
    private var closedSince: UInt64 = 0
    private var openUntil: UInt64 = 0
    private var nextOpenDuration: Duration

    private(set) var state = CircuitBreaker.State.closed
    private(set) var openings = 0
    private(set) var refusals = 0

    /// Makes a closed circuit; the configuration has to be valid.
    init(_ configuration: CircuitBreaker.Configuration) {
        self.configuration = configuration
        window = CallWindow(length: configuration.window, buckets: configuration.buckets)
        nextOpenDuration = configuration.openDuration
    }

    /// How the recent calls went.
    func tally(now: UInt64) -> CallWindow.Tally { window.tally(now: now) }

    /// Lets a call begin, or not.
    ///
    /// The random number from 0 to 1 decides on the jitter if a probe has to be given up.
    mutating func admit(now: UInt64, random: @autoclosure () -> Double) -> Admission {
        if state == .open, now >= openUntil { enter(.halfOpen) }
        if state == .halfOpen, trial.pending.values.contains(where: { $0 <= now }) { open(now: now, random: random()) }
        switch state {
        case .closed:
            return .admitted(nextToken())
        case .open:
            refusals += 1
            return .refused(until: openUntil)
        case .halfOpen:
            guard trial.reported + trial.pending.count < configuration.probes else {
                refusals += 1
                return .refused(until: trial.pending.values.min() ?? now)
            }
            let token = nextToken()
            trial.pending[token.number] = Deadline.after(configuration.probeDeadline, from: now)
            return .admitted(token)
        }
    }

    /// Takes the result of a call; one of an earlier term does not count.
    ///
    /// A call that was cancelled counts only if it was slow by then, and a call of a probing term only once.
    mutating func record(
        _ token: Token,
        _ outcome: CircuitBreaker.Outcome,
        duration: Duration,
        now: UInt64,
        random: @autoclosure () -> Double
    ) {
        guard token.term == term else { return }
        let isSlow = duration >= configuration.slowCall
        let isCounted = outcome != .cancelled || isSlow
        switch state {
        case .closed:
            guard isCounted else { return }
            window.count(isFailure: outcome == .failure, isSlow: isSlow, now: now)
            if hasTooManyBadCalls(now: now) { open(now: now, random: random()) }
        case .halfOpen:
            // A probe that is cancelled leaves its place to another.
            guard trial.pending.removeValue(forKey: token.number) != nil, isCounted else { return }
            trial.reported += 1
            if isSlow { trial.slowCalls += 1 }
            if outcome == .failure {
                open(now: now, random: random())
            } else if trial.reported == configuration.probes {
                endTrial(now: now, random: random())
            }
        case .open:
            break
        }
    }

    private func hasTooManyBadCalls(now: UInt64) -> Bool {
        let tally = window.tally(now: now)
        guard tally.calls >= configuration.minimumCalls else { return false }
        let calls = Double(tally.calls)
        return Double(tally.failures) >= configuration.failureRatio * calls
            || Double(tally.slowCalls) >= configuration.slowRatio * calls
    }

    private mutating func endTrial(now: UInt64, random: @autoclosure () -> Double) {
        if Double(trial.slowCalls) >= configuration.slowRatio * Double(trial.reported) {
            open(now: now, random: random())
        } else {
            closedSince = now
            enter(.closed)
        }
    }

    private mutating func open(now: UInt64, random: Double) {
        if state == .closed, now >= Deadline.after(configuration.window, from: closedSince) {
            nextOpenDuration = configuration.openDuration
        }
        openUntil = Deadline.after(nextOpenDuration * (1 + configuration.jitter * random), from: now)
        nextOpenDuration = min(nextOpenDuration * configuration.growth, configuration.maximumOpenDuration)
        openings += 1
        enter(.open)
    }

    private mutating func enter(_ state: CircuitBreaker.State) {
        self.state = state
        term += 1
        trial = Trial()
        window.clear()
    }

    private mutating func nextToken() -> Token {
        lastNumber += 1
        return Token(term: term, number: lastNumber)
    }
}
