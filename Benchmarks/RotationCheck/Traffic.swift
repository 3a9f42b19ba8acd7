import Larder

/// What a task has done, and what went wrong.
struct Traffic {
    var reads = 0
    var writes = 0
    var failed = 0
    var wrong = 0

    /// Reads and writes keys at random, one in four times the latter, until a moment.
    static func make(through cache: TieredCache<Int, String>, until end: ContinuousClock.Instant) async -> Traffic {
        var traffic = Traffic()
        while ContinuousClock.now < end {
            let key = Int.random(in: 0..<2_000)
            do {
                if Int.random(in: 0..<4) == 0 {
                    traffic.writes += 1
                    try await cache.setValue("value of \(key)", forKey: key)
                } else {
                    traffic.reads += 1
                    let value = try await cache.value(forKey: key) { "value of \($0)" }
                    if value != "value of \(key)" { traffic.wrong += 1 }
                }
            } catch {
                traffic.failed += 1
            }
        }
        return traffic
    }

    static func += (total: inout Traffic, part: Traffic) {
        total.reads += part.reads
        total.writes += part.writes
        total.failed += part.failed
        total.wrong += part.wrong
    }
}
