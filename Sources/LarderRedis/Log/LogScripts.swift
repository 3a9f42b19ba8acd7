import RESP

/// What the server does with a log in one step.
///
/// The stream holds the records. The number of an entry is the offset of its record, and behind the dash the time of
/// the append, in milliseconds of the server. Offsets have no holes, so that a missing entry shows. The state is a hash
/// with the epoch, the offset of the newest record, and the server whose log it is.
enum LogScripts {
    /// Finds the state, or begins a new epoch if it is gone or comes from another server.
    ///
    /// The identifier of a server's replication is a new one whenever the server has started, became a replica, or was
    /// promoted: whenever its data may lack what an earlier answer said. An epoch begins at an offset that none has
    /// used before, which wakes the readers of the one before.
    private static let opening = """
        if redis.replicate_commands then redis.replicate_commands() end
        local stream, state, candidate = KEYS[1], KEYS[2], ARGV[1]
        local information = redis.call('INFO', 'replication')
        if not string.find(information, 'role:master', 1, true) then
            return redis.error_reply('READONLY a log is kept by its master alone')
        end
        local server = string.match(information, 'master_replid:(%w+)')
        if not server then return redis.error_reply('ERR the server does not say who it is') end
        local time = redis.call('TIME')
        local function text(number) return string.format('%.0f', number) end
        local kept = redis.call('HMGET', state, 'epoch', 'newest', 'server')
        local epoch, newest = kept[1], tonumber(kept[2])
        if not epoch or not newest or kept[3] ~= server then
            epoch = candidate
            newest = math.max(time[1] * 1000000 + time[2], (newest or 0) + 1)
            redis.call('DEL', stream, state)
            redis.call('HSET', state, 'epoch', epoch, 'newest', text(newest), 'server', server)
        end

        """

    /// Appends records and trims.
    ///
    /// Arguments: an epoch, in case one has to begin; how many records to keep; how old a record may be, in
    /// milliseconds; the records. Answers the epoch and the offset of the last record.
    ///
    /// Sent twice, because the first answer was lost, it appends the records twice, which changes nothing for who
    /// applies them.
    static let append = RESPScript(
        opening + """
            local now = time[1] * 1000 + math.floor(time[2] / 1000)
            local before = newest
            for index = 4, #ARGV do
                newest = newest + 1
                redis.call('XADD', stream, text(newest) .. '-' .. text(now), 'r', ARGV[index])
            end
            redis.call('HSET', state, 'newest', text(newest))
            redis.call('XTRIM', stream, 'MAXLEN', '~', ARGV[2])
            local oldest = now - ARGV[3]
            if math.floor(before / 64) == math.floor(newest / 64) then return {epoch, text(newest)} end
            for _ = 1, 16 do
                local last
                for _, entry in ipairs(redis.call('XRANGE', stream, '-', '+', 'COUNT', 64)) do
                    local offset, appended = string.match(entry[1], '(%d+)-(%d+)')
                    if tonumber(appended) >= oldest then break end
                    last = offset
                end
                if not last then break end
                redis.call('XTRIM', stream, 'MINID', text(last + 1))
            end
            return {epoch, text(newest)}
            """,
        isRepeatable: true
    )

    /// Reads what comes after an offset.
    ///
    /// Arguments: an epoch, in case one has to begin; the reader's epoch, or nothing; the reader's offset; how many
    /// records to answer, and about how many bytes. Answers the epoch, the offset of the newest record, that of the
    /// last one before the oldest, and pairs of entries and records, if the epoch is the reader's.
    static let read = RESPScript(
        opening + """
            local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
            local trimmed = first and text(string.match(first[1], '%d+') - 1) or text(newest)
            local entries = {}
            if epoch == ARGV[2] and tonumber(ARGV[3]) < newest then
                local offset, left, bytes = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
                while left > 0 and bytes > 0 do
                    local page = redis.call(
                        'XRANGE', stream, '(' .. offset .. '-18446744073709551615', '+', 'COUNT', math.min(left, 64))
                    for _, entry in ipairs(page) do
                        entries[#entries + 1] = entry[1]
                        entries[#entries + 1] = entry[2][2]
                        left, bytes = left - 1, bytes - #entry[2][2]
                        offset = string.match(entry[1], '%d+')
                    end
                    if #page < 64 then break end
                end
            end
            return {epoch, text(newest), trimmed, entries}
            """,
        isRepeatable: true
    )
}
