public import Larder
import RESP

extension RedisStore {
    /// Removes one entry in one round trip; the server frees its memory in the background.
    @discardableResult
    public func removeValue(forKey key: StoreKey) async throws -> Bool {
        let reply = try await small.execute(RESPCommand("UNLINK", key: name(key), isRepeatable: true))
        return try count(reply) > 0
    }

    /// Removes several entries in one round trip; the server frees their memory in the background.
    @discardableResult
    public func removeValues(forKeys keys: [StoreKey]) async throws -> Int {
        try await unlink(keys.map(name))
    }

    /// Lists keys by looking at all keys of the server in steps.
    ///
    /// The server keeps its keys in no order, so a page costs as much as all pages.
    public func keys(withPrefix prefix: StoreKey, after key: StoreKey?, limit: Int) async throws -> [StoreKey] {
        guard limit > 0 else { return [] }
        var page = KeyPage(after: key, limit: limit)
        try await scan(prefix: prefix) { names in
            for name in names { page.insert(StoreKey(bytes: Array(name.dropFirst(self.prefix.count)))) }
        }
        return page.keys
    }

    /// Removes entries by their prefix, in steps between which the server does other things.
    @discardableResult
    public func removeAll(withPrefix prefix: StoreKey) async throws -> Int {
        var removed = 0
        try await scan(prefix: prefix) { names in removed += try await unlink(names) }
        return removed
    }

    private func unlink(_ names: [[UInt8]]) async throws -> Int {
        guard !names.isEmpty else { return 0 }
        var pipeline = RESPPipeline()
        for start in stride(from: 0, to: names.count, by: 1_000) {
            let batch = names[start..<min(start + 1_000, names.count)].map { RESPArgument.bytes($0) }
            pipeline.append(RESPCommand("UNLINK", arguments: batch, isRepeatable: true))
        }
        return try await large.execute(pipeline).reduce(0) { try $0 + count($1) }
    }

    private func count(_ reply: RESPValue) throws -> Int {
        guard let count = reply.integerValue else { throw RESPError.unexpected(reply, to: "UNLINK") }
        return count
    }

    /// Goes through all names of the server that begin with a prefix; some may come twice.
    private func scan(prefix: StoreKey, _ body: ([[UInt8]]) async throws -> Void) async throws {
        let pattern = RESPArgument.bytes(Glob.pattern(matchingPrefix: name(prefix)))
        var cursor: [UInt8] = [UInt8(ascii: "0")]
        repeat {
            let reply = try await large.execute(
                RESPCommand(
                    "SCAN",
                    .bytes(cursor),
                    "MATCH",
                    pattern,
                    "COUNT",
                    .integer(configuration.scanStep),
                    isRepeatable: true
                )
            )
            let parts = try elements(reply, "SCAN")
            guard parts.count == 2, let next = parts[0].stringBytes else {
                throw RESPError.unexpected(reply, to: "SCAN")
            }
            try await body(try elements(parts[1], "SCAN").compactMap(\.stringBytes))
            cursor = next
        } while cursor != [UInt8(ascii: "0")]
    }
}
