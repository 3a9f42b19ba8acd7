/// A point in time, by both clocks that a cache needs.
///
/// What other machines say is told by the date; what passes here is told by a clock that nobody sets back.
public struct HTTPMoment: Hashable, Sendable {
    /// The date.
    public var date: HTTPDate

    /// The time since any fixed moment, by a monotonic clock.
    public var uptime: Duration

    /// Makes a moment.
    ///
    /// - Parameters:
    ///   - date: The date.
    ///   - uptime: The time since any fixed moment, by a monotonic clock.
    public init(date: HTTPDate, uptime: Duration) {
        self.date = date
        self.uptime = uptime
    }
}
