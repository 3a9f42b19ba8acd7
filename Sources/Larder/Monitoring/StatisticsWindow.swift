import MemoryCache

/// A stretch of time up to now.
///
/// Windows move in steps of a sixth to a twenty-fourth of their lengths, so that one reaches back by up to a step less
/// than its name says, and never by more.
public enum StatisticsWindow: String, CaseIterable, Hashable, Sendable, Codable {
    /// The last minute, in steps of ten seconds.
    case oneMinute = "1m"
    /// The last five minutes, in steps of a minute.
    case fiveMinutes = "5m"
    /// The last fifteen minutes, in steps of a minute.
    case fifteenMinutes = "15m"
    /// The last hour, in steps of five minutes.
    case oneHour = "1h"
    /// The last day, in steps of an hour.
    case oneDay = "24h"

    /// How long it is.
    public var duration: Duration { step * steps }

    /// How long a step is.
    package var step: Duration {
        switch self {
        case .oneMinute: .seconds(10)
        case .fiveMinutes, .fifteenMinutes: .seconds(60)
        case .oneHour: .seconds(300)
        case .oneDay: .seconds(3_600)
        }
    }

    /// The number of the step of a moment.
    package func step(at now: Duration) -> Int { Int(now.wholeNanoseconds / step.wholeNanoseconds) }

    /// How many steps it has.
    package var steps: Int {
        switch self {
        case .oneMinute: 6
        case .fiveMinutes: 5
        case .fifteenMinutes: 15
        case .oneHour: 12
        case .oneDay: 24
        }
    }
}
