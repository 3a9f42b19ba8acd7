/// The form in which metrics are served to whoever scrapes them.
public enum ExpositionFormat: Hashable, Sendable {
    /// The text format of Prometheus, version 0.0.4.
    case prometheus
    /// OpenMetrics 1.0, which has exemplars.
    case openMetrics

    /// What the response says in `Content-Type`.
    public var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The format for a request.
    ///
    /// - Parameter accept: What the request says in `Accept`.
    /// - Returns: OpenMetrics if that is named there, unless with a weight of zero, or else the format of Prometheus.
    public static func preferred(accept: String?) -> ExpositionFormat {
        for range in (accept ?? "").split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
            guard parts.first == "application/openmetrics-text" else { continue }
            return parts.contains { ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains($0) } ? .prometheus : .openMetrics
        }
        return .prometheus
    }
}
