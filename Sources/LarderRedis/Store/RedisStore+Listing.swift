public import Larder
import RESP

extension RedisStore {
    /// Lists keys by looking at all keys of each server in steps.
    ///
    /// A server keeps its keys in no order, so a page costs as much as all pages.
    public func keys(withPrefix prefix: StoreKey, after key: StoreKey?, limit: Int) async throws -> [StoreKey] {
        guard limit > 0 else { return [] }
        var page = KeyPage(after: key, limit: limit)
        try await scan(prefix: prefix) { names in
            let commands = names.map { RESPCommand("GETRANGE", .bytes($0), 0, 8, isRepeatable: true) }
            for (name, head) in zip(names, try await large.execute(commands)) {
                guard case .bytes(let head) = head, SlotContent.slot(head, life: .seconds(1)).value != nil else {
                    continue
                }
                page.insert(StoreKey(bytes: Array(name.dropFirst(self.prefix.count))))
            }
        }
        return page.keys
    }

    /// Goes through all names that begin with a prefix, server by server; some may come twice.
    func scan(prefix: StoreKey, _ body: ([[UInt8]]) async throws -> Void) async throws {
        for server in try await large.primaries() { try await scan(server, prefix: prefix, body) }
    }

    private func scan(
        _ server: RESPConnection,
        prefix: StoreKey,
        _ body: ([[UInt8]]) async throws -> Void
    ) async throws {
        let pattern = RESPArgument.bytes(Glob.pattern(matchingPrefix: name(prefix)))
        let step = RESPArgument.integer(configuration.scanStep)
        let start = [UInt8(ascii: "0")]
        var cursor = start
        repeat {
            let command = RESPCommand(
                "SCAN",
                .bytes(cursor),
                "MATCH",
                pattern,
                "COUNT",
                step,
                isRepeatable: true
            )
            let reply = try await server.execute(command)
            let parts = try elements(reply, "SCAN")
            guard parts.count == 2, let next = parts[0].stringBytes else {
                throw RESPError.unexpected(reply, to: "SCAN")
            }
            let names = try elements(parts[1], "SCAN").compactMap(\.stringBytes)
            if !names.isEmpty { try await body(names) }
            cursor = next
        } while cursor != start
    }
}
