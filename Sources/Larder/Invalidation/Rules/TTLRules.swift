public import Foundation

/// Lifetimes by patterns of keys: the first rule whose pattern matches wins.
///
/// ```swift
/// let rules = try TTLRules([
///     LifetimeRule(KeyPattern("note:draft:*"), .afterWrite(.seconds(5))),
///     LifetimeRule(KeyPattern("note:*"), .afterWrite(.seconds(60))),
///     LifetimeRule(KeyPattern("report:*"), .untilTimeOfDay(hour: 0, minute: 0, in: .gmt)),
/// ])
/// ```
public struct TTLRules: Sendable, Hashable {
    /// How many rules there may be.
    public static let maximumCount = 1_000

    /// Two rules of which the first wins for some keys, though neither is the exception from the other.
    public struct Conflict: Sendable, Hashable, CustomStringConvertible {
        /// The rule that wins.
        public var winner: LifetimeRule

        /// The rule that comes later.
        public var loser: LifetimeRule

        /// A key that both match.
        public var example: String

        /// Both patterns and the key, for logs.
        public var description: String {
            "\"\(winner.pattern)\" and \"\(loser.pattern)\" both match \"\(example)\"; the first of them wins"
        }
    }

    /// The rules, in their order.
    public let rules: [LifetimeRule]

    /// The pairs of rules with different lifetimes that match the same key by accident; worth a line in the log.
    public let conflicts: [Conflict]

    /// Checks rules.
    ///
    /// - Parameter rules: The rules, in their order, at most ``maximumCount``.
    /// - Throws: ``CacheError`` with the code `invalidRule` if a lifetime is out of its range, or if a rule can never
    ///   win, because an earlier one matches all of its keys.
    public init(_ rules: [LifetimeRule]) throws(CacheError) {
        guard rules.count <= Self.maximumCount else {
            throw CacheError(.invalidRule, "\(rules.count) rules are too many; use at most \(Self.maximumCount).")
        }
        var conflicts: [Conflict] = []
        for (index, rule) in rules.enumerated() {
            try rule.lifetime.validate()
            for earlier in rules[..<index] {
                if earlier.pattern.covers(rule.pattern) {
                    throw CacheError(
                        .invalidRule,
                        "The rule for \"\(rule.pattern)\" is never reached: \"\(earlier.pattern)\" comes before it and "
                            + "matches all of its keys. Put the more special rule first."
                    )
                }
                guard earlier.lifetime != rule.lifetime, !rule.pattern.covers(earlier.pattern) else { continue }
                guard let example = earlier.pattern.example(sharedWith: rule.pattern) else { continue }
                conflicts.append(Conflict(winner: earlier, loser: rule, example: example))
            }
        }
        self.rules = rules
        self.conflicts = conflicts
    }

    /// The lifetime of an entry that is written now.
    ///
    /// - Parameters:
    ///   - key: The encoded key, without its namespace.
    ///   - moment: The time on the wall, which only the rules until a time of day ask for.
    /// - Returns: The lifetime by the first rule that matches, or `nil` if none does.
    /// - Complexity: O(number of rules times length of the key).
    public func lifetime(of key: some Collection<UInt8>, at moment: Date) -> EntryLifetime? {
        rules.first { $0.pattern.matches(key) }?.lifetime.resolved(at: moment)
    }
}
