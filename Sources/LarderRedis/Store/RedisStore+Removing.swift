public import Larder
import RESP

extension RedisStore {
    /// Removes several entries in one round trip; the server frees their memory in the background.
    @discardableResult
    public func removeValues(forKeys keys: [StoreKey]) async throws -> Int {
        try await remove(keys.map(name))
    }

    /// Compares and removes in a script, one for each key and all in one round trip.
    @discardableResult
    public func remove(_ removals: [StoreRemoval]) async throws -> Int {
        let calls = removals.map { removal in
            RESPScript.Call(
                keys: [.bytes(name(removal.key))],
                arguments: [.bytes(SlotContent.bytes(of: removal.version))]
            )
        }
        return try await count(StoreScripts.removeVersion, calls)
    }

    /// Removes entries by their prefix, in steps between which the server does other things.
    @discardableResult
    public func removeAll(withPrefix prefix: StoreKey) async throws -> Int {
        var removed = 0
        try await scan(prefix: prefix) { names in removed += try await remove(names) }
        return removed
    }

    private func remove(_ names: [[UInt8]]) async throws -> Int {
        let calls = small.parts(of: names).flatMap { pieces(of: $0, count: 500) }
            .map { places in RESPScript.Call(keys: places.map { .bytes(names[$0]) }) }
        return try await count(StoreScripts.remove, calls)
    }

    private func count(_ script: RESPScript, _ calls: [RESPScript.Call]) async throws -> Int {
        let client = client(forBytes: calls.reduce(0) { $0 + $1.byteCount })
        return try await client.execute(script, calls: calls)
            .reduce(0) { sum, reply in
                guard let count = reply.integerValue else { throw RESPError.unexpected(reply, to: "a removal") }
                return sum + count
            }
    }
}
