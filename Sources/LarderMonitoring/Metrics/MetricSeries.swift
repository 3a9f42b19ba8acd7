import CoreMetrics
import MemoryCache

/// A number that is counted up, or set.
final class NumberSeries: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler {
    let identity: SeriesIdentity
    private let number = Locked(0.0)

    init(_ identity: SeriesIdentity) { self.identity = identity }

    var value: Double { number.withLock { $0 } }

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { number.withLock { $0 += amount } }
    func decrement(by amount: Double) { increment(by: -amount) }
    func reset() { set(0.0) }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { number.withLock { $0 = value } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
}

/// Numbers that are counted in classes.
final class HistogramSeries: RecorderHandler, TimerHandler {
    let identity: SeriesIdentity
    private let exemplar: @Sendable () -> [(String, String)]?
    private let state: Locked<HistogramReading>

    init(_ identity: SeriesIdentity, bounds: [Double], exemplar: @escaping @Sendable () -> [(String, String)]?) {
        self.identity = identity
        self.exemplar = exemplar
        state = Locked(HistogramReading(bounds: bounds))
    }

    var reading: HistogramReading { state.withLock { $0 } }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let labels = exemplar()
        state.withLock { $0.record(value, labels) }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}

/// What was counted in classes so far.
struct HistogramReading: Sendable {
    /// The largest value of each class but the last, which has no end.
    let bounds: [Double]
    private(set) var counts: [Int]
    private(set) var sum = 0.0
    /// The newest value of each class that came from a traced task, and what tells the trace.
    private(set) var exemplars: [(labels: [(String, String)], value: Double)?]

    init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
        exemplars = Array(repeating: nil, count: bounds.count + 1)
    }

    mutating func record(_ value: Double, _ labels: [(String, String)]?) {
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        counts[index] += 1
        sum += value
        if let labels { exemplars[index] = (labels, value) }
    }
}

/// What tells a series from all others.
struct SeriesIdentity: Hashable, Sendable {
    let name: String
    let labels: Labels
}
