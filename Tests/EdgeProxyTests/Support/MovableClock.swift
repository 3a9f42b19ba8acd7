import HTTPCaching
import MemoryCache

@testable import EdgeProxy

/// The clocks of a proxy, for tests that wait without waiting.
final class MovableClock: Sendable {
    private let moment = Locked(
        HTTPMoment(date: HTTPDate(secondsSince1970: 1_800_000_000), uptime: .seconds(1_000))
    )

    var proxyClock: ProxyClock { ProxyClock { self.moment.withLock { $0 } } }

    func wait(_ seconds: Int64) {
        moment.withLock { moment in
            moment.date.secondsSince1970 += seconds
            moment.uptime += .seconds(seconds)
        }
    }

    /// The date some seconds from now, as a field has it.
    func date(_ offset: Int64 = 0) -> String {
        moment.withLock { HTTPDate(secondsSince1970: $0.date.secondsSince1970 + offset).description }
    }
}
