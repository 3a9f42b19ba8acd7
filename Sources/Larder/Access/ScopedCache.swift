/// What one principal may do with a ``TieredCache``.
///
/// Each call asks the access policy first, whether there is an entry or not: an error with the code
/// ``CacheError/Code/accessDenied`` says nothing about that, and takes the same way in both cases. A small value; make
/// one for each request with ``TieredCache/scoped(to:)``.
public struct ScopedCache<Key: CacheKey, Value: Sendable>: Sendable {
    /// On whose behalf the cache is used.
    public let principal: Principal

    @usableFromInline let cache: TieredCache<Key, Value>
    @usableFromInline let role: RoleAccess<Key>
    @usableFromInline let control: AccessControl
    private let access: NamespaceAccess<Key>

    init(_ cache: TieredCache<Key, Value>, _ principal: Principal, _ access: NamespaceAccess<Key>) {
        self.cache = cache
        self.principal = principal
        self.access = access
        control = access.control
        role = access.access(of: principal.roles)
    }

    /// Whether an action is allowed for a key; noted in the audit as if it were done.
    ///
    /// - Parameters:
    ///   - action: The action.
    ///   - key: The key.
    /// - Returns: Whether a call that does it would not be refused for want of rights.
    public func allows(_ action: AccessAction, forKey key: Key) -> Bool {
        (try? check(action, key)) != nil
    }

    // MARK: - Checking

    @inlinable
    @inline(__always)
    func check(_ action: AccessAction, _ key: Key) throws(CacheError) {
        if control.isCurrent(role.generation), role.allowsAtOnce(action, key) { return }
        try decide(action, key)
    }

    /// Asks the policy itself, and notes what it says.
    @usableFromInline
    @inline(never)
    func decide(_ action: AccessAction, _ key: Key) throws(CacheError) {
        let role = access.access(of: principal.roles)
        if role.allowsAtOnce(action, key) { return }
        let encoded = try cache.storeKey(key).bytes.dropFirst(cache.keyPrefix.count)
        role.decide(key, encoded)
        let decision = control.policy.decision(for: principal, to: action, encoded, in: cache.namespace.name)
        note(decision, action, String(decoding: encoded, as: UTF8.self))
        guard decision.isAllowed else { throw refusal(of: action, "this key") }
    }

    func check(_ action: AccessAction, _ keys: some Sequence<Key>) throws(CacheError) {
        for key in keys { try check(action, key) }
    }

    /// Checks an action on all keys that match a pattern.
    func check(_ action: AccessAction, allMatching pattern: KeyPattern = .everything) throws(CacheError) {
        let policy = control.policy
        let decision = policy.decision(for: principal, to: action, allMatching: pattern, in: cache.namespace.name)
        note(decision, action, pattern.text)
        guard decision.isAllowed else {
            throw refusal(of: action, pattern == .everything ? "all keys" : "all keys that match \"\(pattern)\"")
        }
    }

    private func note(_ decision: AccessDecision, _ action: AccessAction, _ keys: String) {
        control.audit?
            .note(
                AccessRecord(
                    principal: principal,
                    action: action,
                    namespace: cache.namespace.name,
                    keys: keys,
                    decision: decision,
                    time: cache.clock.wallTime()
                )
            )
    }

    private func refusal(of action: AccessAction, _ keys: String) -> CacheError {
        CacheError(
            .accessDenied,
            "\"\(principal)\" may not \(action) \(keys) of the namespace \"\(cache.namespace.name)\"; it takes a role that "
                + "the access policy allows that."
        )
    }
}

extension TieredCache {
    /// What somebody may do with this cache.
    ///
    /// - Parameter principal: On whose behalf the cache is used.
    /// - Returns: A view that asks the access policy of the system before each call.
    /// - Throws: ``CacheError`` with the code `invalidConfiguration` if the system has no ``AccessControl``.
    /// - Complexity: O(1), but for the first of a set of roles.
    public func scoped(to principal: Principal) throws(CacheError) -> ScopedCache<Key, Value> {
        guard let access else {
            throw CacheError(
                .invalidConfiguration,
                "There is no access policy, so nobody has rights; give the CacheSystem an AccessControl."
            )
        }
        return ScopedCache(self, principal, access)
    }
}
