public import Larder
import RESP

extension RedisStore {
    /// Removes several entries in one round trip; the server frees their memory in the background.
    @discardableResult
    public func removeValues(forKeys keys: [StoreKey]) async throws -> Int {
        try await remove(keys.map(name))
    }

    /// Removes entries by their prefix, in steps between which the server does other things.
    @discardableResult
    public func removeAll(withPrefix prefix: StoreKey) async throws -> Int {
        var removed = 0
        try await scan(prefix: prefix) { names in removed += try await remove(names) }
        return removed
    }

    private func remove(_ names: [[UInt8]]) async throws -> Int {
        let calls = stride(from: 0, to: names.count, by: 500)
            .map { start in
                RESPScript.Call(keys: names[start..<min(start + 500, names.count)].map { .bytes($0) })
            }
        let connection = connection(forBytes: calls.reduce(0) { $0 + $1.byteCount })
        return try await connection.execute(StoreScripts.remove, calls: calls)
            .reduce(0) { sum, reply in
                guard let count = reply.integerValue else { throw RESPError.unexpected(reply, to: "a removal") }
                return sum + count
            }
    }
}
