/// One line of an ``AccessPolicy``.
public struct AccessRule: Hashable, Sendable {
    /// What a rule says of those whom it is for.
    public enum Verdict: Hashable, Sendable {
        /// They may.
        case allow
        /// They may not.
        case deny
    }

    /// What the rule says.
    public var verdict: Verdict

    /// The role that the rule is for; `nil` for everybody.
    public var role: String?

    /// What it is about.
    public var actions: Set<AccessAction>

    /// The namespace it is about; `nil` for each.
    public var namespace: String?

    /// The keys it is about, in their encoded form without the namespace.
    public var keys: KeyPattern

    private init(
        _ verdict: Verdict,
        _ role: String?,
        _ actions: Set<AccessAction>,
        _ namespace: String?,
        _ keys: KeyPattern
    ) {
        self.verdict = verdict
        self.role = role
        self.actions = actions
        self.namespace = namespace
        self.keys = keys
    }

    /// Makes a rule that allows something.
    ///
    /// - Parameters:
    ///   - role: The role that the rule is for; `nil` for everybody.
    ///   - actions: What it allows, not empty.
    ///   - namespace: The namespace; `nil` for each.
    ///   - keys: The keys; all unless given.
    /// - Returns: The rule.
    public static func allow(
        _ role: String?,
        _ actions: Set<AccessAction>,
        in namespace: String?,
        keys: KeyPattern = .everything
    ) -> AccessRule {
        AccessRule(.allow, role, actions, namespace, keys)
    }

    /// Makes a rule that denies something, to stand before one that allows more.
    ///
    /// - Parameters:
    ///   - role: The role that the rule is for; `nil` for everybody.
    ///   - actions: What it denies, not empty.
    ///   - namespace: The namespace; `nil` for each.
    ///   - keys: The keys; all unless given.
    /// - Returns: The rule.
    public static func deny(
        _ role: String?,
        _ actions: Set<AccessAction>,
        in namespace: String?,
        keys: KeyPattern = .everything
    ) -> AccessRule {
        AccessRule(.deny, role, actions, namespace, keys)
    }

    /// Whether the rule is for somebody with some roles who wants to do something in a namespace.
    func applies(to roles: Set<String>, _ action: AccessAction, _ namespace: String) -> Bool {
        actions.contains(action) && (self.namespace.map { $0 == namespace } ?? true)
            && (role.map(roles.contains) ?? true)
    }

    /// Whether all that another rule says of an action is decided by this one, where it comes first.
    func precludes(_ other: AccessRule, _ action: AccessAction) -> Bool {
        actions.contains(action) && (role == nil || role == other.role)
            && (namespace == nil || namespace == other.namespace) && keys.covers(other.keys)
    }
}

extension AccessRule: CustomStringConvertible {
    /// The rule as a line of text.
    public var description: String {
        let verbs = actions.sorted { $0.rawValue < $1.rawValue }.map(\.description).joined(separator: ", ")
        let place = namespace.map { "in \"\($0)\"" } ?? "in each namespace"
        return "\(verdict) \(role.map { "\"\($0)\"" } ?? "everybody") to \(verbs) \"\(keys)\" \(place)"
    }
}
