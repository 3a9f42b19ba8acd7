import RESP

/// What the server does with a journal in one step.
///
/// | key | what |
/// |---|---|
/// | `{name}:journal` | a stream of the pending records, with the fields `s` (number), `k` (key) and `b` (body) |
/// | `…:entries` | a hash: the entry of each number |
/// | `…:tokens` | a hash: the number of the token of each record that has one |
/// | `…:dead` | a hash of dead letters, four fields each |
/// | `…:dead:order` | a sorted set of their numbers |
/// | `…:dead:wanted` | a sorted set of the numbers of those that are to be tried again |
/// | `…:state` | a hash: `identifier`, `fence`, `owner`, `beat` |
///
/// Numbers are texts of 20 digits, which sort as they count. What was handed to the sink is pending in the consumer
/// group `sink` of the stream, with the number of tries as the number of its deliveries; each owner is a consumer, and
/// claims what the one before left. All scripts may be repeated.
enum JournalScripts {
    private static let names = """
        if redis.replicate_commands then redis.replicate_commands() end
        local stream, entries, tokens, dead, order, wanted, state = unpack(KEYS)

        """

    /// Refuses whoever is not the owner any more.
    private static let owned =
        names + """
            local fence = redis.call('HGET', state, 'fence')
            if not fence then return redis.error_reply('LOST there is no journal') end
            if fence ~= ARGV[1] then return redis.error_reply('FENCED another one has the journal') end
            local function keep(number, token, key, body)
                if redis.call('HEXISTS', entries, number) == 1 then return end
                local entry = redis.call('XADD', stream, '*', 's', number, 'k', key, 'b', body)
                redis.call('HSET', entries, number, entry)
                if token ~= '' then redis.call('HSET', tokens, number, token) end
            end
            local function forget(number)
                redis.call('HDEL', dead, number .. 'a', number .. 'k', number .. 'r', number .. 'b')
                redis.call('ZREM', wanted, number)
                return redis.call('ZREM', order, number)
            end

            """

    /// Takes the lease.
    ///
    /// Arguments: who; the beat at which the lease is taken by force, or nothing; an identifier, in case there is no
    /// journal yet. Answers 0 and the beat of the owner, or 1, the identifier, the fence, the number of dead letters,
    /// and whether the server keeps a log on its disk.
    static let open = RESPScript(
        names + """
            local kept = redis.call('HMGET', state, 'identifier', 'fence', 'owner', 'beat')
            local identifier, fence, owner, beat = kept[1], kept[2], kept[3], kept[4]
            if owner and owner ~= '' and owner ~= ARGV[1] and ARGV[2] ~= beat then return {0, beat} end
            if owner ~= ARGV[1] then
                identifier = identifier or ARGV[3]
                fence = math.max((fence or 0) + 1, math.floor(redis.call('TIME')[1] / 60))
                redis.call('HSET', state, 'identifier', identifier, 'fence', fence, 'owner', ARGV[1])
                redis.call('HINCRBY', state, 'beat', 1)
                redis.pcall('XGROUP', 'CREATE', stream, 'sink', '0', 'MKSTREAM')
            end
            local isKept = string.find(redis.call('INFO', 'persistence'), 'aof_enabled:1', 1, true)
            return {1, identifier, tostring(fence), redis.call('ZCARD', order), isKept and 1 or 0}
            """,
        isRepeatable: true
    )

    /// Reads a page of the pending records, and makes the owner the consumer of those that were handed to the sink.
    ///
    /// Arguments: the fence; the entry after which to read, or nothing. Answers the entry, the number, the key, the
    /// body, the token and the tries of each record in turn.
    static let page = RESPScript(
        owned + """
            local start, bytes, page = ARGV[2] == '' and '-' or '(' .. ARGV[2], 0, {}
            for _, entry in ipairs(redis.call('XRANGE', stream, start, '+', 'COUNT', 256)) do
                local id, fields, attempts = entry[1], entry[2], 0
                local token = redis.call('HGET', tokens, fields[2])
                local left = redis.call('XPENDING', stream, 'sink', id, id, 1)[1]
                if left then
                    attempts = left[4]
                    redis.call('XCLAIM', stream, 'sink', fence, 0, id, 'RETRYCOUNT', attempts, 'JUSTID')
                end
                for _, part in ipairs({id, fields[2], fields[4], fields[6], token or '', attempts}) do
                    page[#page + 1] = part
                end
                bytes = bytes + #fields[4] + #fields[6]
                if bytes > 1048576 then break end
            end
            return page
            """,
        isRepeatable: true
    )

    /// Forgets the consumers that have nothing any more.
    static let tidy = RESPScript(
        owned + """
            for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', stream, 'sink')) do
                if consumer[2] ~= fence and consumer[4] == 0 then
                    redis.call('XGROUP', 'DELCONSUMER', stream, 'sink', consumer[2])
                end
            end
            return 1
            """,
        isRepeatable: true
    )

    /// Keeps records.
    ///
    /// Arguments: the fence; how many there may be; number, token, key and body of each.
    static let append = RESPScript(
        owned + """
            if redis.call('XLEN', stream) + (#ARGV - 2) / 4 > tonumber(ARGV[2]) then
                return redis.error_reply('FULL too many records are pending')
            end
            for index = 3, #ARGV, 4 do keep(ARGV[index], ARGV[index + 1], ARGV[index + 2], ARGV[index + 3]) end
            return 1
            """,
        isRepeatable: true
    )

    /// Keeps records in place of the dead letters that their tokens name.
    ///
    /// Arguments as of ``append``.
    static let revive = RESPScript(
        owned + """
            for index = 3, #ARGV, 4 do
                forget(ARGV[index + 1])
                keep(ARGV[index], ARGV[index + 1], ARGV[index + 2], ARGV[index + 3])
            end
            return 1
            """,
        isRepeatable: true
    )

    /// Notes what is handed to the sink.
    ///
    /// Arguments: the fence; token, tries, count and numbers of each write.
    static let claim = RESPScript(
        owned + """
            local index = 2
            while index <= #ARGV do
                local token, attempts, count = ARGV[index], ARGV[index + 1], tonumber(ARGV[index + 2])
                for place = index + 3, index + 2 + count do
                    local entry = redis.call('HGET', entries, ARGV[place])
                    if entry then
                        redis.call('XCLAIM', stream, 'sink', fence, 0, entry, 'RETRYCOUNT', attempts, 'FORCE', 'JUSTID')
                        redis.call('HSET', tokens, ARGV[place], token)
                    end
                end
                index = index + 3 + count
            end
            return 1
            """,
        isRepeatable: true
    )

    /// Forgets what is done, and keeps dead letters.
    ///
    /// Arguments: the fence; how many dead letters there may be; count and numbers of each write, and then nothing, or
    /// the number, tries, key, reason and body of its dead letter.
    static let settle = RESPScript(
        owned + """
            local index, room = 3, tonumber(ARGV[2]) - redis.call('ZCARD', order)
            local function each(done, bury)
                index = 3
                while index <= #ARGV do
                    local count = tonumber(ARGV[index])
                    for place = index + 1, index + count do done(ARGV[place]) end
                    index = index + count + 1
                    if ARGV[index] ~= '' then
                        bury(ARGV[index], ARGV[index + 1], ARGV[index + 2], ARGV[index + 3], ARGV[index + 4])
                        index = index + 4
                    end
                    index = index + 1
                end
            end
            each(function() end, function(number)
                if not redis.call('ZSCORE', order, number) then room = room - 1 end
            end)
            if room < 0 then return redis.error_reply('FULL there are too many dead letters') end
            each(function(number)
                local entry = redis.call('HGET', entries, number)
                if not entry then return end
                redis.call('XACK', stream, 'sink', entry)
                redis.call('XDEL', stream, entry)
                redis.call('HDEL', entries, number)
                redis.call('HDEL', tokens, number)
            end, function(number, attempts, key, reason, body)
                redis.call('HSET', dead, number .. 'a', attempts, number .. 'k', key)
                redis.call('HSET', dead, number .. 'r', reason, number .. 'b', body)
                redis.call('ZADD', order, 0, number)
                redis.call('ZREM', wanted, number)
            end)
            return 1
            """,
        isRepeatable: true
    )

    /// Shows that the owner is alive.
    ///
    /// Argument: the fence. Answers the dead letters to be tried again.
    static let renew = RESPScript(
        owned + """
            redis.call('HINCRBY', state, 'beat', 1)
            local letters = {}
            for _, number in ipairs(redis.call('ZRANGEBYLEX', wanted, '-', '+', 'LIMIT', 0, 1000)) do
                letters[#letters + 1] = number
                local parts = redis.call('HMGET', dead, number .. 'a', number .. 'k', number .. 'r', number .. 'b')
                for _, part in ipairs(parts) do letters[#letters + 1] = part end
            end
            return letters
            """,
        isRepeatable: true
    )

    /// Gives the lease back.
    ///
    /// Argument: the fence.
    static let close = RESPScript(owned + "redis.call('HSET', state, 'owner', '') return 1", isRepeatable: true)

    /// Lists dead letters.
    ///
    /// Arguments: the number after which to begin, or nothing; how many.
    static let list = RESPScript(
        names + """
            local start, letters = ARGV[1] == '' and '-' or '(' .. ARGV[1], {}
            for _, number in ipairs(redis.call('ZRANGEBYLEX', order, start, '+', 'LIMIT', 0, ARGV[2])) do
                letters[#letters + 1] = number
                local parts = redis.call('HMGET', dead, number .. 'a', number .. 'k', number .. 'r', number .. 'b')
                for _, part in ipairs(parts) do letters[#letters + 1] = part end
            end
            return letters
            """,
        isRepeatable: true
    )

    /// Notes what is to be tried again, or drops it.
    ///
    /// Arguments: which of the two; whether all; the numbers if not.
    static let change = RESPScript(
        names + """
            local numbers, count = {}, 0
            if ARGV[2] == 'all' then
                numbers = redis.call('ZRANGE', order, 0, -1)
            else
                for index = 3, #ARGV do numbers[#numbers + 1] = ARGV[index] end
            end
            for _, number in ipairs(numbers) do
                if redis.call('ZSCORE', order, number) then
                    count = count + 1
                    if ARGV[1] == 'replay' then
                        redis.call('ZADD', wanted, 0, number)
                    else
                        redis.call('HDEL', dead, number .. 'a', number .. 'k', number .. 'r', number .. 'b')
                        redis.call('ZREM', wanted, number)
                        redis.call('ZREM', order, number)
                    end
                end
            end
            return count
            """
    )
}
