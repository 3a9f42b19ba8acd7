/// How long to wait before each attempt to connect again.
struct Backoff: Sendable {
    private let shortest: Duration
    private let longest: Duration
    private var attempts = 0

    init(shortest: Duration, longest: Duration) {
        self.shortest = shortest
        self.longest = longest
    }

    /// The wait before the next attempt: none before the first, then twice as long each time, less up to half.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        defer { attempts += 1 }
        guard attempts > 0 else { return .zero }
        let doublings = min(attempts - 1, 30)
        let full = min(longest, shortest * (1 << doublings))
        return full * Double.random(in: 0.5...1, using: &generator)
    }

    /// Begins anew after a connection was made.
    mutating func reset() { attempts = 0 }
}
