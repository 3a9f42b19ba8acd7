public import MemoryCache

/// What some roles may do in one namespace under one policy.
///
/// Actions that depend on no key are decided when it is made. The others are decided once for a key, all of them
/// together, and kept.
@usableFromInline
final class RoleAccess<Key: CacheKey>: Sendable {
    /// The policy that it was made of.
    @usableFromInline let generation: UInt64

    /// The actions that are allowed whatever the key, as a mask.
    @usableFromInline let always: UInt8

    /// The actions that are noted though they are allowed, as a mask.
    @usableFromInline let noted: UInt8

    /// For some keys the actions that are allowed; `nil` where no action depends on the key.
    @usableFromInline let decisions: MemoryCache<Key, UInt8>?

    private let tests: [(action: AccessAction, rules: [(isAllowed: Bool, keys: KeyPattern)])]

    init(_ policy: AccessPolicy, _ generation: UInt64, roles: Set<String>, namespace: String, noted: UInt8) {
        self.generation = generation
        self.noted = noted
        var always: UInt8 = 0
        var tests: [(action: AccessAction, rules: [(isAllowed: Bool, keys: KeyPattern)])] = []
        for action in AccessAction.allCases {
            var rules: [(isAllowed: Bool, keys: KeyPattern)] = []
            for rule in policy.rules where rule.applies(to: roles, action, namespace) {
                rules.append((rule.verdict == .allow, rule.keys))
                // No later one is ever reached.
                if rule.keys.covers(.everything) { break }
            }
            guard rules.contains(where: \.isAllowed) else { continue }
            if rules[0].keys.covers(.everything) { always |= action.bit } else { tests.append((action, rules)) }
        }
        self.always = always
        self.tests = tests
        decisions = tests.isEmpty ? nil : try? MemoryCache(capacity: .entries(Self.keptDecisions))
    }

    private static var keptDecisions: Int { 10_000 }

    /// Whether an action is allowed, as far as that is known and need not be noted.
    @inlinable
    @inline(__always)
    func allowsAtOnce(_ action: AccessAction, _ key: Key) -> Bool {
        let bit = 1 &<< action.rawValue
        guard noted & bit == 0 else { return false }
        if always & bit != 0 { return true }
        return (decisions?.value(forKey: key) ?? 0) & bit != 0
    }

    /// Finds out which actions are allowed for a key, and keeps that.
    func decide(_ key: Key, _ encoded: ArraySlice<UInt8>) {
        var mask = always
        for (action, rules) in tests {
            if rules.first(where: { $0.keys.matches(encoded) })?.isAllowed == true { mask |= action.bit }
        }
        decisions?.setValue(mask, forKey: key)
    }
}

/// What the roles of all principals may do in one namespace.
final class NamespaceAccess<Key: CacheKey>: Sendable {
    /// How many sets of roles are kept; past it, all are made anew.
    private static var keptRoles: Int { 256 }

    let control: AccessControl
    private let namespace: String
    private let made = Locked<[Set<String>: RoleAccess<Key>]>([:])

    init(_ control: AccessControl, namespace: String) {
        self.control = control
        self.namespace = namespace
    }

    /// What some roles may do by the policy of now.
    func access(of roles: Set<String>) -> RoleAccess<Key> {
        let (policy, generation) = control.snapshot
        if let access = made.withLock({ $0[roles] }), access.generation == generation { return access }
        let access = RoleAccess<Key>(
            policy,
            generation,
            roles: roles,
            namespace: namespace,
            noted: control.audit?.allowedActions ?? 0
        )
        made.withLock { made in
            if made.count >= Self.keptRoles { made.removeAll() }
            made[roles] = access
        }
        return access
    }
}
