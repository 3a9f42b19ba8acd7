import Foundation

/// When a ``LoadingCache`` loads a value anew before it expires, so that no caller has to wait for it.
///
/// But for ``every(_:)`` a hit starts the refresh in the background and is answered at once. At most one refresh of a key runs at a time,
/// callers who would otherwise miss wait for it, and one that fails is tried again after half of the remaining life, as
/// long as that is a second or more.
/// Values that nobody reads are not refreshed, by any of the rules.
public struct RefreshAhead: Hashable, Sendable {
    private enum Rule: Hashable {
        case never
        case fraction(Double)
        case probabilistic(Double)
        case interval(Duration)
    }

    private let rule: Rule

    /// Values are loaded when they have expired.
    public static let never = RefreshAhead(rule: .never)

    /// The first hit after a share of the time to live starts a refresh.
    ///
    /// The policy's jitter brings it forward at random, by that share of the time that is left.
    ///
    /// - Parameter fraction: The share, more than 0 and less than 1; 0.8 leaves a fifth of the life to load in.
    /// - Returns: The rule.
    public static func afterFraction(_ fraction: Double) -> RefreshAhead {
        RefreshAhead(rule: .fraction(fraction))
    }

    /// A timer refreshes the value at an interval, as long as it was read since the last time.
    ///
    /// For values that have to be fresh although they are seldom read. The policy's jitter shortens the interval at
    /// random.
    ///
    /// - Parameter interval: The interval, more than zero; it has an effect where it is shorter than the time to live.
    /// - Returns: The rule.
    public static func every(_ interval: Duration) -> RefreshAhead {
        RefreshAhead(rule: .interval(interval))
    }

    /// A moment before the expiry that is drawn for each entry, earlier on average the longer its load took.
    ///
    /// Processes that hold the same entry draw different moments, so that one of them refreshes it before the others
    /// have to, without asking each other. After Vattani, Chierichetti and Lowenstein, "Optimal Probabilistic Cache
    /// Stampede Prevention", VLDB 2015; their rule draws with each read, this one once for each entry, which makes
    /// a hit cheaper.
    ///
    /// - Parameter eagerness: How many times the duration of the load the refresh comes early on average, more than 0;
    ///   the paper's beta.
    /// - Returns: The rule.
    public static func probabilistic(eagerness: Double = 1) -> RefreshAhead {
        RefreshAhead(rule: .probabilistic(eagerness))
    }
}

extension RefreshAhead {
    func validate() throws(CacheError) {
        switch rule {
        case .never:
            break
        case .fraction(let fraction):
            guard fraction > 0, fraction < 1 else {
                throw CacheError(
                    .invalidPolicy,
                    "The fraction of refreshAhead is \(fraction); give more than 0, less than 1."
                )
            }
        case .interval(let interval):
            guard interval > .zero else {
                throw CacheError(.invalidPolicy, "The interval of refreshAhead is \(interval); give more than zero.")
            }
        case .probabilistic(let eagerness):
            guard eagerness > 0, eagerness.isFinite else {
                throw CacheError(.invalidPolicy, "The eagerness of refreshAhead is \(eagerness); give more than 0.")
            }
        }
    }

    /// The interval of the timer, for the rule that has one.
    var interval: Duration? {
        if case .interval(let interval) = rule { interval } else { nil }
    }

    /// Whether there is a rule.
    var isOn: Bool { rule != .never }

    /// How long before its expiry an entry is due for a refresh; `nil` for never.
    ///
    /// The random number is more than 0 and at most 1.
    func lead(
        timeToLive: Duration,
        loadDuration: Duration,
        jitter: Double,
        random: @autoclosure () -> Double
    ) -> Duration? {
        switch rule {
        case .never: nil
        case .fraction(let fraction): min(timeToLive, timeToLive * (1 - fraction) * (1 + jitter * random()))
        // The first hit sets the timer.
        case .interval(let interval): interval < timeToLive ? timeToLive : nil
        case .probabilistic(let eagerness): min(timeToLive, loadDuration * (-log(random()) * eagerness))
        }
    }
}
