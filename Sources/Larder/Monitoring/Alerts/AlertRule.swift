/// When somebody has to be told that caches do not do what they should.
///
/// ```swift
/// var slow = AlertRule("slow-users", .loadLatencyAbove(.milliseconds(50), percentile: 0.99))
/// slow.namespace = "users"
/// let alerts = try AlertMonitor(of: caches, rules: AlertRule.standard + [slow], handlers: [LogAlertHandler(logger)])
/// ```
public struct AlertRule: Hashable, Sendable {
    /// What is wrong.
    public enum Condition: Hashable, Sendable {
        /// A smaller share of the reads than this, from 0 to 1, was answered by a tier.
        case hitRatioBelow(Double)
        /// The process takes more memory than this many bytes, as the system measures it.
        case memoryAbove(bytes: Int)
        /// A share of the loads, from 0 to 1, took longer than this: 0.99 for one in a hundred.
        case loadLatencyAbove(Duration, percentile: Double)
        /// A larger share of the loads than this, from 0 to 1, failed or was abandoned.
        case loadErrorRatioAbove(Double)
        /// The invalidation log may have had records for longer than this that are not applied here.
        case logLagAbove(Duration)
        /// A write has been on its way to the sink for longer than this.
        case pendingWriteAgeAbove(Duration)
        /// A breaker refuses calls: that of the namespace or, once for all, that of the store.
        case breakerOpen
    }

    /// The name, not empty, by which alerts of the rule are known.
    public var name: String

    /// What is wrong.
    public var condition: Condition

    /// The namespace that is watched; `nil` watches each, and tells of each by itself.
    public var namespace: String?

    /// The stretch of time that hit ratios, latencies and errors are of.
    public var window = StatisticsWindow.fiveMinutes

    /// How long the condition has to hold before the alert fires, from zero on.
    public var holdTime = Duration.seconds(60)

    /// How long all has to be well before the alert is resolved, from zero on.
    public var quietTime = Duration.seconds(60)

    /// By which share of the limit, from 0 to 1, a value has to be on the good side of it to count as well, so that one
    /// that swings about the limit does not fire again and again.
    public var margin = 0.05

    /// How many reads or loads the window has to have, for a ratio or a percentile of them to tell anything; at least 1.
    public var minimumCount = 20

    /// Makes a rule for all namespaces.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - condition: What is wrong.
    public init(_ name: String, _ condition: Condition) {
        self.name = name
        self.condition = condition
    }

    /// Rules to begin with: less than 80 % hits, more than 1 GiB, one load in a hundred above 100 ms, one load in ten
    /// failing, five seconds of silence of the log, writes pending for five minutes, and breakers that are open.
    public static let standard = [
        AlertRule("hit-ratio", .hitRatioBelow(0.8)),
        AlertRule("memory", .memoryAbove(bytes: 1 << 30)),
        AlertRule("load-latency", .loadLatencyAbove(.milliseconds(100), percentile: 0.99)),
        AlertRule("load-errors", .loadErrorRatioAbove(0.1)),
        AlertRule("log-lag", .logLagAbove(.seconds(5))),
        AlertRule("pending-writes", .pendingWriteAgeAbove(.seconds(300))),
        AlertRule("breaker", .breakerOpen),
    ]

    func validate() throws(CacheError) {
        let limits: [Double] =
            switch condition {
            case .hitRatioBelow(let ratio), .loadErrorRatioAbove(let ratio): [ratio]
            case .loadLatencyAbove(_, let percentile): [percentile]
            default: []
            }
        let isInRange = (limits + [margin]).allSatisfy { (0...1).contains($0) }
        guard !name.isEmpty, isInRange, holdTime >= .zero, quietTime >= .zero, minimumCount >= 1 else {
            throw CacheError(
                .invalidConfiguration,
                """
                The alert rule "\(name)" is out of range: it has to have a name, shares from 0 to 1, times from zero on, \
                and a minimum count of at least 1.
                """
            )
        }
    }
}
