/// Says when loads may start so that there are never too many in a second, and fewer while the origin is in trouble.
///
/// A value type without lock or clock. Who wants to load books a turn, and asks again when it has come: since people come
/// late, it is the moment of that second question from which the distance to the next load counts. Nothing is made up for.
/// The distances are a little longer than the rate asks for, so that a load that comes late to the origin by its own fault
/// does not meet too many others there.
struct LoadPacer: Sendable {
    /// After how many loads the rate is judged.
    private static let round = 20

    /// By how much distances are longer than the rate asks for.
    private static let headroom = 1.01

    private let maximumRate: Double

    /// How many loads start in a second now.
    private(set) var rate: Double

    /// The turn that was booked last.
    private var booked: Duration?
    /// When the last load started.
    private var started: Duration?
    /// Before when no load may start.
    private var earliest = Duration.zero
    private var ended = 0
    private var failed = 0
    /// What loads took of late, and what they took at best, in seconds.
    private var average: Double?
    private var best: Double?

    init(maximumRate: Double) {
        self.maximumRate = maximumRate
        rate = maximumRate
    }

    private var distance: Duration { .seconds(Self.headroom / rate) }

    /// Books a turn behind all others.
    ///
    /// - Returns: When to ask for it with ``start(at:)``.
    mutating func book(at now: Duration) -> Duration {
        let turn = [booked, started].compactMap { $0.map { $0 + distance } }.reduce(max(now, earliest), max)
        booked = turn
        return turn
    }

    /// Takes the turn that was booked.
    ///
    /// - Returns: `nil` if the load may start now; else when to ask again, because a load that was late has just started.
    mutating func start(at now: Duration) -> Duration? {
        guard now >= earliest, started.map({ now >= $0 + distance }) ?? true else { return book(at: now) }
        started = now
        return nil
    }

    /// Lets no load start for a second, because another node may have started its last ones just now.
    mutating func rest(at now: Duration) { earliest = max(earliest, now + .seconds(1)) }

    /// Takes note of the end of a load.
    mutating func end(after duration: Duration, isFailure: Bool) {
        let taken = duration / .seconds(1)
        average = average.map { $0 + (taken - $0) / 8 } ?? taken
        ended += 1
        if isFailure { failed += 1 }
        guard ended == Self.round, let average else { return }
        let isSlow = best.map { average > 2 * $0 + 0.01 } ?? false
        if isSlow || failed * 2 > ended {
            rate = max(maximumRate / 100, rate / 2)
        } else {
            rate = min(maximumRate, rate * 1.25)
        }
        best = min(best ?? average, average)
        (ended, failed) = (0, 0)
    }
}
