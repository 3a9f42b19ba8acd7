public import struct Foundation.Date

/// Something that a rule has found.
public struct Alert: Hashable, Sendable, Codable {
    /// Where an alert is in its life.
    public enum State: String, Hashable, Sendable, Codable {
        /// The condition holds, but not for long enough yet.
        case pending
        /// The condition has held for long enough.
        case firing
        /// The condition held, and has not for long enough.
        case resolved
    }

    /// The name of the rule.
    public var rule: String

    /// The namespace; `nil` for what concerns the process or the store.
    public var namespace: String?

    /// Where the alert is in its life.
    public var state: State

    /// What was read last: a share, seconds, bytes, or 1 for a breaker that is open.
    public var value: Double

    /// The limit of the rule, in the same unit.
    public var limit: Double

    /// When the state began.
    public var since: Date

    /// Makes an alert, for tests of handlers.
    ///
    /// - Parameters:
    ///   - rule: The name of the rule.
    ///   - namespace: The namespace; `nil` for what concerns the process or the store.
    ///   - state: Where the alert is in its life.
    ///   - value: What was read last.
    ///   - limit: The limit of the rule.
    ///   - since: When the state began.
    public init(rule: String, namespace: String?, state: State, value: Double, limit: Double, since: Date) {
        self.rule = rule
        self.namespace = namespace
        self.state = state
        self.value = value
        self.limit = limit
        self.since = since
    }

    /// A line for people.
    public var summary: String {
        let place = namespace.map { " of \($0)" } ?? ""
        let rounded = (value * 1_000).rounded() / 1_000
        return "\(rule)\(place) is \(state.rawValue): \(rounded), with a limit of \(limit)"
    }
}
