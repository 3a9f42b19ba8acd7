import Larder

/// The patterns of keys to which one role has a right in one namespace, by the action.
struct RedisRights {
    private let patterns: [AccessAction: [String]]

    init(_ policy: AccessPolicy, _ role: String, _ namespace: String) throws(CacheError) {
        var patterns: [AccessAction: [String]] = [:]
        for action in AccessAction.allCases {
            var denied: [KeyPattern] = []
            for rule in policy.rules {
                guard rule.actions.contains(action), rule.role == nil || rule.role == role,
                    rule.namespace == nil || rule.namespace == namespace
                else { continue }
                guard rule.verdict == .allow else {
                    denied.append(rule.keys)
                    continue
                }
                if denied.contains(where: { $0.covers(rule.keys) }) { continue }
                if let exception = denied.first(where: { $0.example(sharedWith: rule.keys) != nil }) {
                    throw CacheError(
                        .invalidRule,
                        "A server cannot allow \"\(rule.keys)\" without \"\(exception)\", which is denied to \"\(role)\" in "
                            + "\"\(namespace)\"; allow the other keys by patterns of their own."
                    )
                }
                patterns[action, default: []].append(try RedisGlob.text(rule.keys))
            }
        }
        self.patterns = patterns
    }

    /// The rules that give these rights, one for each set of commands.
    ///
    /// - Parameter start: What the names of all keys of the namespace begin with.
    /// - Returns: The rules.
    /// - Throws: `CacheError` for a name that a rule cannot hold.
    func selectors(behind start: [UInt8]) throws(CacheError) -> [String] {
        let start = try RedisGlob.text(String(decoding: start, as: UTF8.self))
        func selector(_ access: String, _ patterns: [String], _ commands: String) -> [String] {
            guard !patterns.isEmpty else { return [] }
            return ["(\((patterns.map { "\(access)\(start)\($0)" } + [commands]).joined(separator: " ")))"]
        }
        let (reading, writing) = (self[.read], self[.write])
        let filling = writing.filter(reading.contains)
        let clearing = self[.clear].contains("*") ? ["*"] : []
        let administering = self[.administer].contains("*")
        return selector("%R~", reading, "+pttl +getrange +mget")
            + selector("%W~", writing, "+set")
            + selector("~", filling, "+getrange +set +eval +evalsha")
            + selector("%W~", self[.invalidate].filter { !writing.contains($0) }, "+set")
            + selector("~", clearing, "+scan +getrange +unlink +eval +evalsha")
            + selector("%R~", self[.inspect], "+pttl +getrange")
            + (administering ? ["+info"] : [])
    }

    private subscript(action: AccessAction) -> [String] { patterns[action] ?? [] }
}
