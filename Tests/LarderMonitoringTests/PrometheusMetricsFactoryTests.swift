import CoreMetrics
import InMemoryTracing
import Instrumentation
import Testing

@testable import LarderMonitoring

@Suite(.timeLimit(.minutes(10))) struct PrometheusMetricsFactoryTests {
    /// A factory with a metric of each kind, and with all that has to be escaped.
    private func factory(instrument: (any Instrument)? = nil) -> PrometheusMetricsFactory {
        let factory = PrometheusMetricsFactory(bounds: [1, 0.1], instrument: instrument)
        factory.describe("jobs", as: "Jobs that were done,\nby \\ kind and \"name\".")
        factory.describe("queue_length", as: "Jobs that wait.")
        factory.describe("job_duration_seconds", as: "How long jobs took.")
        factory.describe("job_bytes", as: "How large jobs were.")
        factory.describe("ratio", as: "A share.")
        factory.makeCounter(label: "jobs", dimensions: [("kind", "a \"b\"\n\\c"), ("a", "1")]).increment(by: 3)
        factory.makeCounter(label: "jobs", dimensions: [("a", "1"), ("kind", "a \"b\"\n\\c")]).increment(by: 4)
        factory.makeFloatingPointCounter(label: "jobs", dimensions: [("kind", "other")]).increment(by: 0.5)
        factory.makeMeter(label: "queue.length", dimensions: []).set(7.0)
        let timer = factory.makeTimer(label: "job_duration", dimensions: [("kind", "a")])
        for duration in [50_000_000, 60_000_000, 500_000_000, 5_000_000_000] as [Int64] {
            timer.recordNanoseconds(duration)
        }
        factory.makeRecorder(label: "job_bytes", dimensions: [], aggregate: true).record(2.0)
        factory.makeRecorder(label: "ratio", dimensions: [], aggregate: false).record(0.25)
        return factory
    }

    @Test("Prometheus finds nothing to complain of", .enabled(if: Promtool.executable != nil))
    func promtool() async throws {
        #expect(try await Promtool.complaints("check", "metrics", input: factory().text(.prometheus)).isEmpty)
    }

    @Test("counters count, the same labels in any order are one series, and classes are cumulative")
    func prometheus() {
        let lines = factory().text(.prometheus).split(separator: "\n").map(String.init)
        #expect(lines.contains(#"jobs_total{a="1",kind="a \"b\"\n\\c"} 7.0"#))
        #expect(lines.contains(#"jobs_total{kind="other"} 0.5"#))
        #expect(lines.contains(#"# HELP jobs_total Jobs that were done,\nby \\ kind and "name"."#))
        #expect(lines.contains("# TYPE jobs_total counter"))
        #expect(lines.contains("queue_length 7.0"))
        #expect(lines.contains("ratio 0.25"))
        let durations = lines.filter { $0.hasPrefix("job_duration_seconds_") }
        #expect(
            durations == [
                #"job_duration_seconds_bucket{kind="a",le="0.1"} 2"#,
                #"job_duration_seconds_bucket{kind="a",le="1.0"} 3"#,
                #"job_duration_seconds_bucket{kind="a",le="+Inf"} 4"#,
                #"job_duration_seconds_sum{kind="a"} 5.61"#, #"job_duration_seconds_count{kind="a"} 4"#,
            ]
        )
    }

    @Test("OpenMetrics names families without the suffix of counters, says units, and has an end")
    func openMetrics() {
        let text = factory().text(.openMetrics)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(text.hasSuffix("\n# EOF\n"))
        #expect(lines.contains("# TYPE jobs counter"))
        #expect(lines.contains(#"# HELP jobs Jobs that were done,\nby \\ kind and \"name\"."#))
        #expect(lines.contains("# UNIT job_duration_seconds seconds"))
        #expect(lines.contains(#"jobs_total{kind="other"} 0.5"#))
        #expect(!text.contains("} 2 #"), "there is no exemplar where there is no trace")
    }

    @Test("what is recorded in a traced task has its trace as an exemplar, in OpenMetrics alone")
    func exemplars() {
        let instrument = TraceparentInstrument()
        let factory = PrometheusMetricsFactory(bounds: [1], instrument: instrument)
        let timer = factory.makeTimer(label: "job", dimensions: [])
        var context = ServiceContext.topLevel
        context[TraceparentInstrument.Key.self] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        ServiceContext.withValue(context) { timer.recordNanoseconds(250_000_000) }
        let exemplar = #"# {span_id="b7ad6b7169203331",trace_id="0af7651916cd43dd8448eb211c80319c"} 0.25"#
        #expect(factory.text(.openMetrics).contains(#"job_seconds_bucket{le="1.0"} 1 \#(exemplar)"#))
        #expect(!factory.text(.prometheus).contains("trace_id"))
    }

    @Test(
        "series beyond the limit, and those whose name has another kind, are dropped and counted; others can be destroyed"
    )
    func bounds() {
        let factory = PrometheusMetricsFactory(maximumSeries: 2)
        let first = factory.makeCounter(label: "a", dimensions: [("n", "1")])
        first.increment(by: 1)
        factory.makeMeter(label: "a", dimensions: []).set(1.0)
        factory.makeMeter(label: "b", dimensions: []).set(1.0)
        factory.makeMeter(label: "c", dimensions: []).set(1.0)
        factory.makeCounter(label: "a", dimensions: [("n", "2")]).increment(by: 1)
        let text = factory.text(.prometheus)
        #expect(text.contains("larder_metrics_dropped_series_total 3.0"))
        #expect(text.contains("a_total{n=\"1\"} 1.0") && text.contains("b 1.0"))
        #expect(!text.contains("\nc ") && !text.contains("n=\"2\""))
        factory.destroyCounter(first)
        factory.makeMeter(label: "c", dimensions: []).set(1.0)
        #expect(!factory.text(.prometheus).contains("a_total"))
        #expect(factory.text(.prometheus).contains("\nc 1.0"))
    }

    @Test(
        "the scraper's Accept decides on the format",
        arguments: [
            (nil, ExpositionFormat.prometheus), ("text/plain", .prometheus), ("*/*", .prometheus),
            ("application/openmetrics-text; version=1.0.0,text/plain;version=0.0.4;q=0.5", .openMetrics),
            ("application/openmetrics-text;q=0, text/plain", .prometheus),
        ] as [(String?, ExpositionFormat)]
    )
    func negotiation(accept: String?, format: ExpositionFormat) {
        #expect(ExpositionFormat.preferred(accept: accept) == format)
    }
}

/// Writes a `traceparent` that the context holds.
private struct TraceparentInstrument: Instrument {
    enum Key: ServiceContextKey {
        typealias Value = String
    }

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout ServiceContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {}

    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        if let value = context[Key.self] { injector.inject(value, forKey: "traceparent", into: &carrier) }
    }
}
