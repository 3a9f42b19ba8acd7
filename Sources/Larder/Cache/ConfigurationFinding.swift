/// A combination of settings that is allowed and does not do what it seems to.
///
/// The system logs those of a namespace when it is opened; see ``CacheNamespace/findings``.
public struct ConfigurationFinding: Hashable, Sendable, CustomStringConvertible {
    /// The settings that do not go together.
    public let settings: [String]

    /// What comes of it, and what to do.
    public let message: String

    /// The settings and the message.
    public var description: String { "\(settings.joined(separator: ", ")): \(message)" }
}

extension CacheNamespace {
    /// What the settings of the namespace do that their author may not have meant.
    public var findings: [ConfigurationFinding] {
        policy.findings + loadFindings
    }

    /// A capacity that no machine reaches.
    private static var unboundedCapacity: Int { 1 << 40 }

    private var loadFindings: [ConfigurationFinding] {
        ConfigurationFinding.found([
            (
                weigher != nil && memory.unit == .entries, ["weigher", "memory"],
                "the weigher is never asked, since the capacity counts entries; give a capacity in weights."
            ),
            (
                loadLimits.maximumConcurrentLoadsPerGroup != nil && loadGroup == nil,
                ["loadLimits", "loadGroup"],
                "no key has a group, so the limit of groups has no effect; say the groups of keys."
            ),
            (
                loadLimits.maximumConcurrentLoadsPerGroup == nil && loadGroup != nil,
                ["loadLimits", "loadGroup"],
                "groups have no limit; set maximumConcurrentLoadsPerGroup."
            ),
            (
                loadLimits.whenFull == .stale && policy.grace == .zero,
                ["loadLimits", "grace"],
                "without grace there are no stale copies to take when there is no room; loads wait."
            ),
            (
                breaker != nil && policy.grace == .zero && defaultValue == nil, ["breaker", "grace"],
                "while the breaker is open there are no stale copies to serve, and callers get errors; give a grace."
            ),
            (
                memory.limit >= Self.unboundedCapacity, ["memory"],
                "no machine has as much memory as the capacity allows, so the cache has no bound; give one."
            ),
        ])
    }
}

extension CachePolicy {
    /// What the settings of the policy do that their author may not have meant.
    public var findings: [ConfigurationFinding] {
        ConfigurationFinding.found([
            (
                grace > .zero && softTimeout >= hardTimeout, ["softTimeout", "hardTimeout"],
                "callers with a stale copy wait as long as those without; make softTimeout shorter."
            ),
            (
                hardTimeout > loadDeadline, ["hardTimeout", "loadDeadline"],
                "loads are abandoned before their callers lose patience; make hardTimeout shorter than loadDeadline."
            ),
            (
                grace > .zero && grace < retryPause, ["grace", "retryPause"],
                "a stale copy is gone before the loader is asked again; make retryPause shorter than grace."
            ),
            (
                graceAfterInvalidation.map { $0 > grace + timeToLive } ?? false, ["graceAfterInvalidation", "grace"],
                "a copy is gone after time to live and grace at the latest; graceAfterInvalidation cannot lengthen that."
            ),
            (
                timeToLive == .zero && refreshAhead.isOn, ["timeToLive", "refreshAhead"],
                "nothing is stored, so there is nothing to refresh."
            ),
            (
                timeToLive > .zero && refreshAhead.interval.map { $0 >= timeToLive } ?? false,
                ["timeToLive", "refreshAhead"],
                "entries expire before they are refreshed; make the interval shorter than timeToLive."
            ),
            (
                timeToLive > .zero && negativeTimeToLive > timeToLive, ["timeToLive", "negativeTimeToLive"],
                "absences are remembered longer than values, so new ones are seen late; make negativeTimeToLive shorter."
            ),
            (
                timeToLive > .zero && jitter == 0 && !refreshAhead.isOn, ["jitter"],
                "entries that are stored together expire together, and are loaded together; give a share of 0.1."
            ),
        ])
    }
}

extension ConfigurationFinding {
    static func found(_ rules: [(applies: Bool, settings: [String], message: String)]) -> [ConfigurationFinding] {
        rules.filter(\.applies).map { ConfigurationFinding(settings: $0.settings, message: $0.message) }
    }
}
