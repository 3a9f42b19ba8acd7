/// What a cache measures the durations of.
public enum LatencyPhase: String, CaseIterable, Hashable, Sendable, Codable {
    /// Reads of the store, each from the question to the answer, failures included.
    case store
    /// Calls of a loader, failures included.
    case origin
    /// How old stale answers were: the time since they had been loaded or written.
    case staleAge
}
