import Foundation
package import HTTPCaching
import MemoryCache

/// The clocks of a response cache.
package struct ResponseClock: Sendable {
    package let now: @Sendable () -> HTTPMoment

    package init(now: @escaping @Sendable () -> HTTPMoment) {
        self.now = now
    }

    static let system: ResponseClock = {
        let uptime = TimeSource()
        return ResponseClock {
            HTTPMoment(
                date: HTTPDate(secondsSince1970: Int64(Date().timeIntervalSince1970)),
                uptime: .nanoseconds(Int64(clamping: uptime.now))
            )
        }
    }()
}
