public import Larder

extension AccessPolicy {
    /// The users of a server who may do there what the roles of this policy may do in the cache.
    ///
    /// For processes that connect to the server on behalf of one role, so that what the cache denies them the server
    /// denies, too. It takes a server of version 7, whose users may have different rights to different keys.
    ///
    /// | action | commands on the keys |
    /// |---|---|
    /// | read | `PTTL`, `GETRANGE`, `MGET` |
    /// | write | `SET`; where reading is allowed too, `EVALSHA` and `EVAL`, by which loaded values are stored |
    /// | invalidate | `SET`, for the tombstone that an invalidation leaves |
    /// | clear | `GETRANGE`, `UNLINK`, `EVALSHA`, `EVAL`, and `SCAN`, which tells the names of all keys |
    /// | inspect | `PTTL`, `GETRANGE` |
    /// | administer | `INFO` |
    ///
    /// A server cannot tell a tombstone from a value: who may invalidate could write by hand. It counts the bytes of keys
    /// where the cache counts characters, so that `?` stands for a part of a character outside ASCII. Of a key over 200
    /// bytes it sees the beginning and a digest.
    ///
    /// - Parameters:
    ///   - namespaces: The names of the namespaces that a rule for each namespace is for.
    ///   - systemPrefix: `CacheSystem/Configuration/keyPrefix`.
    ///   - storePrefix: ``RedisStore/Configuration/keyPrefix``.
    ///   - logName: ``RedisInvalidationLog/Configuration/name`` of the log that all roles read and append to, since who
    ///     reads a log may have to begin it; `nil` if the processes share none. It takes `INFO`, too.
    /// - Returns: A user for each role, named by the store's prefix and the role, with spaces and the like replaced.
    /// - Throws: `CacheError` with the code `invalidRule` for what a server cannot express: a rule that denies some keys of
    ///   a later one that allows more, a space in a pattern or the name of a namespace, a character outside ASCII in
    ///   brackets, or two roles whose users would have one name.
    public func redisUsers(
        namespaces: [String],
        systemPrefix: String = CacheSystem.Configuration().keyPrefix,
        storePrefix: String = RedisStore.Configuration().keyPrefix,
        logName: String? = nil
    ) throws(CacheError) -> [RedisUser] {
        let roles = Set(rules.compactMap(\.role)).sorted()
        var users: [RedisUser] = []
        for role in roles {
            let name = Self.userName(storePrefix + role)
            guard !users.contains(where: { $0.name == name }) else {
                throw CacheError(.invalidRule, "Two roles would be the user \"\(name)\"; rename the role \"\(role)\".")
            }
            var selectors: [String] = []
            for namespace in namespaces {
                let start = Array(storePrefix.utf8) + CacheKeyEncoder.prefix(system: systemPrefix, namespace: namespace)
                let rights = try RedisRights(self, role, namespace)
                selectors += try rights.selectors(behind: start).filter { !selectors.contains($0) }
            }
            if let logName { selectors.append(try Self.logSelector(logName)) }
            users.append(RedisUser(name: name, rules: Self.base + selectors))
        }
        return users
    }

    /// What each connection needs, and nothing else.
    private static var base: [String] {
        ["reset", "on", "-@all", "+hello", "+auth", "+ping", "+select", "+client|setname"]
    }

    private static func logSelector(_ name: String) throws(CacheError) -> String {
        let stream = try RedisGlob.text("{\(name)}:log")
        let commands = "+eval +evalsha +info +time +hmget +hset +del +xadd +xtrim +xrange +xread"
        return "(~\(stream) ~\(stream):state \(commands))"
    }

    private static func userName(_ text: String) -> String {
        String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.:".contains($0)) ? $0 : "-" })
    }
}
