public import LarderTesting
import RESP

extension RedisCluster {
    /// Begins to move a slot: from now on its owner sends those who ask for keys that it does not have to the other
    /// server, and keys may be moved.
    ///
    /// - Parameters:
    ///   - slot: The slot.
    ///   - source: The server that owns it.
    ///   - target: The primary that is to own it.
    /// - Throws: `RESPError` if a server refuses.
    public func beginMoving(slot: Int, from source: RedisServer, to target: RedisServer) async throws {
        let names = (try await name(of: source), try await name(of: target))
        try await target.execute("CLUSTER", "SETSLOT", .integer(slot), "IMPORTING", .text(names.0))
        try await source.execute("CLUSTER", "SETSLOT", .integer(slot), "MIGRATING", .text(names.1))
    }

    /// Moves some keys of a slot that is being moved.
    ///
    /// - Parameters:
    ///   - slot: The slot.
    ///   - count: How many keys to move at most.
    ///   - source: The server that owns it.
    ///   - target: The primary that is to own it.
    /// - Returns: How many keys were moved.
    /// - Throws: `RESPError` if a server refuses.
    @discardableResult
    public func moveKeys(ofSlot slot: Int, count: Int, from source: RedisServer, to target: RedisServer) async throws
        -> Int
    {
        let keys = try await source.execute("CLUSTER", "GETKEYSINSLOT", .integer(slot), .integer(count)).elements ?? []
        for key in keys.compactMap(\.stringBytes) {
            try await source.execute("MIGRATE", "127.0.0.1", .integer(target.port), .bytes(key), 0, 5_000)
        }
        return keys.count
    }

    /// Gives a slot to the server to which its keys were moved.
    ///
    /// - Parameters:
    ///   - slot: The slot.
    ///   - source: The server that owns it.
    ///   - target: The primary that is to own it.
    /// - Throws: `RESPError` if a server refuses.
    public func endMoving(slot: Int, from source: RedisServer, to target: RedisServer) async throws {
        let name = try await name(of: target)
        for server in [target, source] {
            try await server.execute("CLUSTER", "SETSLOT", .integer(slot), "NODE", .text(name))
        }
    }

    private func name(of server: RedisServer) async throws -> String {
        try await server.execute("CLUSTER", "MYID").string ?? ""
    }
}
