import MemoryCache

/// What a rule reads of what it watches, beside its limit.
struct AlertReading: Hashable, Sendable {
    let value: Double
    let limit: Double
    /// Whether small values are bad.
    var isFloor = false

    var isBad: Bool { isFloor ? value < limit : value > limit }

    /// Whether the value is on the good side of the limit, by a share of it.
    func isWell(margin: Double) -> Bool {
        isFloor ? value >= min(limit * (1 + margin), 1) : value <= limit * (1 - margin)
    }
}

extension AlertRule {
    /// Reads what a namespace does; `nil` where that tells nothing.
    func reading(_ statistics: CacheStatistics, _ loads: LatencyHistogram) -> AlertReading? {
        switch condition {
        case .hitRatioBelow(let limit):
            guard statistics.requests >= minimumCount else { return nil }
            return AlertReading(value: statistics.hitRatio, limit: limit, isFloor: true)
        case .loadLatencyAbove(let limit, let percentile):
            guard loads.count >= minimumCount else { return nil }
            return AlertReading(value: loads.percentile(percentile) / .seconds(1), limit: limit / .seconds(1))
        case .loadErrorRatioAbove(let limit):
            guard statistics.loads >= minimumCount else { return nil }
            return AlertReading(value: statistics.loadErrorRatio, limit: limit)
        case .logLagAbove(let limit):
            return statistics.logLag.map { AlertReading(value: $0 / .seconds(1), limit: limit / .seconds(1)) }
        case .pendingWriteAgeAbove(let limit):
            return statistics.writeBehind.map {
                AlertReading(value: $0.oldestAge / .seconds(1), limit: limit / .seconds(1))
            }
        case .breakerOpen:
            return statistics.breaker.map(Self.reading)
        case .memoryAbove:
            return nil
        }
    }

    /// Reads what belongs to no namespace.
    func reading(ofStore breaker: CircuitBreaker.State?, processBytes: Int?) -> AlertReading? {
        switch condition {
        case .memoryAbove(let limit):
            processBytes.map { AlertReading(value: Double($0), limit: Double(limit)) }
        case .breakerOpen:
            namespace == nil ? breaker.map(Self.reading) : nil
        default: nil
        }
    }

    private static func reading(_ state: CircuitBreaker.State) -> AlertReading {
        // Probing is neither: it neither fires nor resolves.
        AlertReading(value: state == .open ? 1 : state == .halfOpen ? 0.5 : 0, limit: 0.5)
    }
}
