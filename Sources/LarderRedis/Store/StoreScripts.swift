import RESP

/// What the server does in one step.
enum StoreScripts {
    /// Writes an entry unless the key holds a version other than the one it had when the load began.
    ///
    /// Sent twice, because the first answer was lost, it finds its own version and says again that it was written.
    static let fill = RESPScript(
        """
        local head = redis.call('GETRANGE', KEYS[1], 0, 8)
        local kind = string.sub(head, 1, 1)
        if #head == 9 and (kind == 'E' or kind == 'T') then
            local version = string.sub(head, 2)
            if version == string.sub(ARGV[2], 2, 9) then return 1 end
            if version ~= ARGV[1] then return 0 end
        end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1
        """,
        isRepeatable: true
    )

    /// Removes an entry if it still has a version.
    static let removeVersion = RESPScript(
        """
        if redis.call('GETRANGE', KEYS[1], 0, 8) ~= 'E' .. ARGV[1] then return 0 end
        return redis.call('UNLINK', KEYS[1])
        """,
        isRepeatable: true
    )

    /// Removes those of some keys that hold entries, and says how many; tombstones stay.
    static let remove = RESPScript(
        """
        local removed = 0
        for _, key in ipairs(KEYS) do
            local kind = redis.pcall('GETRANGE', key, 0, 0)
            if kind == 'E' then removed = removed + redis.call('UNLINK', key) end
        end
        return removed
        """,
        isRepeatable: true
    )
}
