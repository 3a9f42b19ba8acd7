/// What a system measures beside its counters; see <doc:Statistics>.
public struct MonitoringRules: Hashable, Sendable {
    /// Whether latencies, reasons of misses and windows are kept: some microseconds of work for each miss, none for a
    /// hit.
    public var measures: Bool

    /// How many of the hottest keys are counted in each namespace, from 0 to 100,000; 0 counts none.
    public var hotKeys: Int

    /// From how many keys the miss-ratio curve of a namespace is told, from 0 to 1,000,000; 0 tells none.
    ///
    /// Each takes up to 80 bytes, and 4,096 of them tell the curve to within one percent.
    public var sampledKeys: Int

    /// Makes rules.
    ///
    /// - Parameters:
    ///   - measures: Whether latencies, reasons of misses and windows are kept.
    ///   - hotKeys: How many of the hottest keys are counted in each namespace.
    ///   - sampledKeys: From how many keys the miss-ratio curve of a namespace is told.
    public init(measures: Bool = true, hotKeys: Int = 256, sampledKeys: Int = 4_096) {
        self.measures = measures
        self.hotKeys = hotKeys
        self.sampledKeys = sampledKeys
    }

    /// Counters alone.
    public static let countersOnly = MonitoringRules(measures: false, hotKeys: 0, sampledKeys: 0)

    func validate() throws(CacheError) {
        guard (0...100_000).contains(hotKeys), (0...1_000_000).contains(sampledKeys) else {
            throw CacheError(
                .invalidConfiguration,
                "The monitoring rules count \(hotKeys) hot keys and sample \(sampledKeys); give 0 to 100,000 and 0 to 1,000,000."
            )
        }
    }
}
