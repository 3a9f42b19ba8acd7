/// How many requests may be sent by now.
struct TokenBucket {
    private let rate: EdgeCapabilities.Rate
    private var tokens: Double
    private var filledAt: Duration

    init(_ rate: EdgeCapabilities.Rate, now: Duration) {
        self.rate = rate
        tokens = rate.burst
        filledAt = now
    }

    /// Takes a token, now or from what is to come.
    ///
    /// - Returns: How long to wait before it may be used.
    mutating func take(now: Duration) -> Duration {
        tokens = min(rate.burst, tokens + max(0, (now - filledAt) / .seconds(1)) * rate.perSecond)
        filledAt = now
        tokens -= 1
        return tokens >= 0 ? .zero : .seconds(-tokens / rate.perSecond)
    }
}
