import Instrumentation

/// What tells the trace of the current task, for an exemplar.
enum TraceExemplar {
    /// The identifiers that an instrument writes into the headers of requests, in the form of W3C Trace Context.
    static func labels(_ instrument: any Instrument) -> [(String, String)]? {
        guard let context = ServiceContext.current else { return nil }
        var headers: [String: String] = [:]
        instrument.inject(context, into: &headers, using: HeaderInjector())
        let parts = headers["traceparent"]?.split(separator: "-").map(String.init) ?? []
        guard parts.count >= 4, parts[1].count == 32, parts[2].count == 16 else { return nil }
        return [("trace_id", parts[1]), ("span_id", parts[2])]
    }

    private struct HeaderInjector: Injector {
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
            carrier[key.lowercased()] = value
        }
    }
}
