/// How a namespace uses leases, so that one process at a time loads a key.
///
/// They hold for loads of single keys. A forced refresh, and a bulk read, load without.
public struct LeaseRules: Hashable, Sendable {
    /// The longest that a lease is held, more than zero and at most ``CachePolicy/maximumDuration``; `nil` for the
    /// ``CachePolicy/loadDeadline`` of the call.
    ///
    /// When a process dies during a load, the others wait that long, or as long as their ``patience``.
    public var maximumLife: Duration?

    /// How long a process waits for the load of another one before it loads by itself, from zero to
    /// ``CachePolicy/maximumDuration``; not longer than the ``CachePolicy/hardTimeout`` of the call.
    public var patience: Duration = .seconds(5)

    /// How often a process that waits looks for itself, from a millisecond to ``CachePolicy/maximumDuration``: for when
    /// the word that a lease was released is lost.
    public var pollInterval: Duration = .milliseconds(100)

    /// Whether a stale copy is served instead of waiting, where there is one.
    public var servesStale = true

    /// Makes rules with the default values.
    public init() {}

    func validate() throws(CacheError) {
        let longest = CachePolicy.maximumDuration
        if let maximumLife, maximumLife <= .zero || maximumLife > longest {
            throw CacheError(.invalidConfiguration, "A lease lasts \(maximumLife); give more than zero.")
        }
        guard patience >= .zero, patience <= longest else {
            throw CacheError(.invalidConfiguration, "The patience for a lease is \(patience); give zero or more.")
        }
        guard pollInterval >= .milliseconds(1), pollInterval <= longest else {
            throw CacheError(.invalidConfiguration, "The pollInterval is \(pollInterval); give a millisecond or more.")
        }
    }
}
