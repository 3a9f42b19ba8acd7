public import CoreMetrics
public import Instrumentation
import MemoryCache

/// Keeps the metrics of a process, and writes them for Prometheus and for whoever else reads its formats.
///
/// ```swift
/// let metrics = PrometheusMetricsFactory()
/// MetricsSystem.bootstrap(metrics)
/// // where the scraper asks:
/// let format = ExpositionFormat.preferred(accept: request.headers[.accept])
/// return (metrics.text(format), format.contentType)
/// ```
///
/// Counters end in `_total` there; timers, and recorders that aggregate, become histograms, those of timers in seconds. It
/// holds a bounded number of series: those beyond it are not kept, and counted in `larder_metrics_dropped_series_total`.
public final class PrometheusMetricsFactory: MetricsFactory {
    private enum Series {
        case number(NumberSeries)
        case histogram(HistogramSeries)
    }

    private struct Family {
        let kind: MetricFamily.Kind
        var series: [Labels: Series] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var help: [String: String] = [:]
        var count = 0
        var dropped = 0
    }

    private let state = Locked(State())
    private let maximumSeries: Int
    private let bounds: [Double]
    private let exemplar: @Sendable () -> [(String, String)]?

    /// The ends of the classes of histograms unless others are given: from 100 µs to 10 s, in seconds.
    public static let defaultBounds = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// Makes a factory without metrics.
    ///
    /// - Parameters:
    ///   - maximumSeries: How many series are kept at most, at least 1; each takes some hundred bytes.
    ///   - bounds: The ends of the classes of histograms, in rising order.
    ///   - instrument: What tells the trace of a task, for exemplars; the instrument of the process unless given.
    public init(
        maximumSeries: Int = 20_000,
        bounds: [Double] = PrometheusMetricsFactory.defaultBounds,
        instrument: (any Instrument)? = nil
    ) {
        self.maximumSeries = max(1, maximumSeries)
        self.bounds = bounds.sorted()
        exemplar = { TraceExemplar.labels(instrument ?? InstrumentationSystem.instrument) }
    }

    /// Says what a metric means, for those who read the text.
    ///
    /// - Parameters:
    ///   - label: The label of the metric.
    ///   - help: What it means, in a sentence.
    public func describe(_ label: String, as help: String) {
        state.withLock { $0.help[MetricName.metric(label)] = help }
    }

    /// The metrics of now.
    ///
    /// - Parameter format: The form.
    /// - Returns: The text, sorted by names and labels.
    /// - Complexity: O(series log series).
    public func text(_ format: ExpositionFormat) -> String {
        let (families, help, dropped) = state.withLock { ($0.families, $0.help, $0.dropped) }
        var all = families.map { name, family in
            MetricFamily(
                name: name,
                kind: family.kind,
                help: help[name] ?? name.split(separator: "_").joined(separator: " "),
                series: family.series.sorted { $0.key < $1.key }.map { labels, series in (labels, Self.value(series)) }
            )
        }
        all.append(
            MetricFamily(
                name: "larder_metrics_dropped_series",
                kind: .counter,
                help: "Series that were not kept because there were too many.",
                series: [(Labels([]), .number(Double(dropped)))]
            )
        )
        return TextExposition(all.sorted { $0.name < $1.name }, format).text
    }

    private static func value(_ series: Series) -> MetricFamily.Value {
        switch series {
        case .number(let series): .number(series.value)
        case .histogram(let series): .histogram(series.reading)
        }
    }
}

// MARK: - Making and destroying

extension PrometheusMetricsFactory {
    /// Makes a counter, or gives the one there is.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        number(Self.trimmed(label, of: "_total"), dimensions, .counter)
    }

    /// Makes a counter of fractions, or gives the one there is.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        number(Self.trimmed(label, of: "_total"), dimensions, .counter)
    }

    /// Makes a gauge, or gives the one there is.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        number(label, dimensions, .gauge)
    }

    /// Makes a histogram or, for a recorder that does not aggregate, a gauge, or gives the one there is.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { histogram(label, dimensions) } else { number(label, dimensions, .gauge) }
    }

    /// Makes a histogram in seconds, or gives the one there is.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(Self.trimmed(label, of: "_seconds") + "_seconds", dimensions)
    }

    /// Forgets a counter.
    public func destroyCounter(_ handler: any CounterHandler) { destroy(handler) }
    /// Forgets a counter of fractions.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { destroy(handler) }
    /// Forgets a gauge.
    public func destroyMeter(_ handler: any MeterHandler) { destroy(handler) }
    /// Forgets a recorder.
    public func destroyRecorder(_ handler: any RecorderHandler) { destroy(handler) }
    /// Forgets a timer.
    public func destroyTimer(_ handler: any TimerHandler) { destroy(handler) }

    private static func trimmed(_ label: String, of suffix: String) -> String {
        let name = MetricName.metric(label)
        return name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
    }

    private func number(_ label: String, _ dimensions: [(String, String)], _ kind: MetricFamily.Kind) -> NumberSeries {
        let identity = SeriesIdentity(name: MetricName.metric(label), labels: Labels(dimensions))
        let kept = series(identity, kind) { .number(NumberSeries(identity)) }
        if case .number(let series) = kept { return series }
        return NumberSeries(identity)
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramSeries {
        let identity = SeriesIdentity(name: MetricName.metric(label), labels: Labels(dimensions))
        func make() -> HistogramSeries { HistogramSeries(identity, bounds: bounds, exemplar: exemplar) }
        let kept = series(identity, .histogram) { .histogram(make()) }
        if case .histogram(let series) = kept { return series }
        return make()
    }

    /// The series with an identity; `nil` if it is not kept, because there are too many, or another kind has its name.
    private func series(_ identity: SeriesIdentity, _ kind: MetricFamily.Kind, _ make: () -> Series) -> Series? {
        state.withLock { state in
            if let family = state.families[identity.name] {
                if family.kind == kind, let existing = family.series[identity.labels] { return existing }
                guard family.kind == kind, state.count < maximumSeries else {
                    state.dropped += 1
                    return nil
                }
            } else if state.count >= maximumSeries {
                state.dropped += 1
                return nil
            }
            let series = make()
            state.families[identity.name, default: Family(kind: kind)].series[identity.labels] = series
            state.count += 1
            return series
        }
    }

    private func destroy(_ handler: AnyObject) {
        guard let identity = (handler as? NumberSeries)?.identity ?? (handler as? HistogramSeries)?.identity else {
            return
        }
        state.withLock { state in
            guard state.families[identity.name]?.series.removeValue(forKey: identity.labels) != nil else { return }
            state.count -= 1
            if state.families[identity.name]?.series.isEmpty == true { state.families[identity.name] = nil }
        }
    }
}
