public import Foundation

/// How long the entries live whose keys match a pattern.
public struct LifetimeRule: Sendable, Hashable {
    /// How long an entry lives.
    public enum Lifetime: Sendable, Hashable {
        /// So long after it was written.
        case afterWrite(Duration)
        /// So long after it was last read, but not longer than a limit after it was written.
        case afterAccess(Duration, atMost: Duration)
        /// Until the next time a clock on a wall shows an hour, from 0 to 23, and a minute; `(0, 0)` is the end of the
        /// day. In a night when the clock skips that time, it is the moment after the skip.
        case untilTimeOfDay(hour: Int, minute: Int, in: TimeZone)
    }

    /// Which keys the rule is for.
    public var pattern: KeyPattern

    /// How long their entries live.
    public var lifetime: Lifetime

    /// Makes a rule.
    ///
    /// - Parameters:
    ///   - pattern: Which keys the rule is for.
    ///   - lifetime: How long their entries live.
    public init(_ pattern: KeyPattern, _ lifetime: Lifetime) {
        self.pattern = pattern
        self.lifetime = lifetime
    }
}

extension LifetimeRule.Lifetime {
    func validate() throws(CacheError) {
        let message: String? =
            switch self {
            case .afterWrite(let duration) where duration <= .zero: "lives for \(duration); use more than zero"
            case .afterAccess(let duration, let limit) where duration <= .zero || limit < duration:
                "lives for \(duration) after a read and \(limit) at most; use more than zero, and no smaller limit"
            case .untilTimeOfDay(let hour, let minute, _)
            where !(0...23).contains(hour) || !(0...59).contains(minute):
                "lives until \(hour):\(minute); use 0:00 to 23:59"
            default: nil
            }
        if let message { throw CacheError(.invalidRule, "An entry \(message).") }
    }

    /// The lifetime of an entry that is written at a moment.
    func resolved(at moment: Date) -> EntryLifetime {
        switch self {
        case .afterWrite(let duration): return EntryLifetime(timeToLive: duration)
        case .afterAccess(let duration, let limit): return EntryLifetime(timeToLive: limit, afterAccess: duration)
        case .untilTimeOfDay(let hour, let minute, let zone):
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = zone
            let time = DateComponents(hour: hour, minute: minute, second: 0)
            let end = calendar.nextDate(after: moment, matching: time, matchingPolicy: .nextTime)
            let seconds = end.map { $0.timeIntervalSince(moment) } ?? 86_400
            return EntryLifetime(timeToLive: max(.milliseconds(1), .seconds(seconds)))
        }
    }
}

/// How long one entry lives.
public struct EntryLifetime: Sendable, Hashable {
    /// How long after it is written.
    public var timeToLive: Duration

    /// How long after it was last read, if that matters; never longer than ``timeToLive`` after it was written.
    public var afterAccess: Duration?

    /// Makes a lifetime.
    ///
    /// - Parameters:
    ///   - timeToLive: How long after the entry is written.
    ///   - afterAccess: How long after it was last read.
    public init(timeToLive: Duration, afterAccess: Duration? = nil) {
        self.timeToLive = timeToLive
        self.afterAccess = afterAccess
    }
}
