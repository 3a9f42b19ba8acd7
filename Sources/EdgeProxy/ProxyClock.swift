import HTTPCaching
import MemoryCache

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The clocks of a proxy.
struct ProxyClock: Sendable {
    let now: @Sendable () -> HTTPMoment

    static let system: ProxyClock = {
        let uptime = TimeSource()
        return ProxyClock {
            HTTPMoment(
                date: HTTPDate(secondsSince1970: Int64(time(nil))),
                uptime: .nanoseconds(Int64(clamping: uptime.now))
            )
        }
    }()
}
