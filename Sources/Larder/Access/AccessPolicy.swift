/// Who may do what with which keys: the first rule that fits decides, and what no rule allows is denied.
///
/// ```swift
/// let policy = try AccessPolicy([
///     .deny(nil, [.read, .inspect], in: "notes", keys: KeyPattern("private:*")),
///     .allow("reader", [.read], in: "notes"),
///     .allow("editor", [.read, .write, .invalidate], in: "notes", keys: KeyPattern("draft:*")),
///     .allow("operator", Set(AccessAction.allCases), in: nil),
/// ])
/// ```
///
/// It keeps mistakes and requests of users in their place. It is no wall against code of the same process.
public struct AccessPolicy: Hashable, Sendable {
    /// How many rules there may be.
    public static let maximumCount = 1_000

    /// The policy that denies everything to everybody.
    public static let denyAll = AccessPolicy(checked: [])

    /// The rules, in their order.
    public let rules: [AccessRule]

    private init(checked rules: [AccessRule]) {
        self.rules = rules
    }

    /// Checks rules.
    ///
    /// - Parameter rules: The rules, in their order, at most ``maximumCount``.
    /// - Throws: ``CacheError`` with the code `invalidRule` for a rule without actions, or one that can never decide
    ///   anything, because earlier ones decide all that it is about.
    public init(_ rules: [AccessRule]) throws(CacheError) {
        guard rules.count <= Self.maximumCount else {
            throw CacheError(.invalidRule, "\(rules.count) rules are too many; use at most \(Self.maximumCount).")
        }
        for (index, rule) in rules.enumerated() {
            guard !rule.actions.isEmpty else {
                throw CacheError(.invalidRule, "A rule of the access policy has no actions; name at least one.")
            }
            let earlier = rules[..<index]
            if rule.actions.allSatisfy({ action in earlier.contains { $0.precludes(rule, action) } }) {
                throw CacheError(
                    .invalidRule,
                    "The rule to \(rule) is never reached: earlier ones decide all that it is about. Put it first, or "
                        + "leave it out."
                )
            }
        }
        self.rules = rules
    }

    /// Decides about one key.
    ///
    /// - Parameters:
    ///   - principal: Who wants to do something.
    ///   - action: What they want to do.
    ///   - key: The key in its encoded form, without the namespace.
    ///   - namespace: The name of the namespace.
    /// - Returns: The decision.
    /// - Complexity: O(number of rules times length of the key).
    public func decision(
        for principal: Principal,
        to action: AccessAction,
        _ key: some Collection<UInt8>,
        in namespace: String
    ) -> AccessDecision {
        for (index, rule) in rules.enumerated()
        where rule.applies(to: principal.roles, action, namespace) && rule.keys.matches(key) {
            return AccessDecision(isAllowed: rule.verdict == .allow, rule: index)
        }
        return .denied
    }

    /// Decides about all keys that match a pattern, at once.
    ///
    /// - Parameters:
    ///   - principal: Who wants to do something.
    ///   - action: What they want to do.
    ///   - pattern: The pattern; ``KeyPattern/everything`` for the whole namespace.
    ///   - namespace: The name of the namespace.
    /// - Returns: The decision: allowed only if one rule allows it for all of these keys and none before denies it for
    ///   any of them.
    public func decision(
        for principal: Principal,
        to action: AccessAction,
        allMatching pattern: KeyPattern,
        in namespace: String
    ) -> AccessDecision {
        for (index, rule) in rules.enumerated() where rule.applies(to: principal.roles, action, namespace) {
            if rule.keys.covers(pattern) { return AccessDecision(isAllowed: rule.verdict == .allow, rule: index) }
            if rule.verdict == .deny, rule.keys.example(sharedWith: pattern) != nil {
                return AccessDecision(isAllowed: false, rule: index)
            }
        }
        return .denied
    }
}

/// What a policy says.
public struct AccessDecision: Hashable, Sendable {
    /// Whether it is allowed.
    public let isAllowed: Bool

    /// The number of the rule that decided, from 0; `nil` if none did, and it is denied for that.
    public let rule: Int?

    static let denied = AccessDecision(isAllowed: false, rule: nil)
}
