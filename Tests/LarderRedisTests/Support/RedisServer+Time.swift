import LarderTesting
import Logging
import RESP

extension RedisServer {
    private static let passing = RESPScript(
        """
        for _, key in ipairs(redis.call('KEYS', '*')) do
            local left = redis.call('PTTL', key) - ARGV[1]
            if left > 0 then redis.call('PEXPIRE', key, left) else redis.call('DEL', key) end
        end
        """
    )

    /// Shortens the life of all keys, as if time had passed.
    func advanceTime(by duration: Duration) async throws {
        let connection = try RESPConnection(.patient(url: url), logger: Logger(label: "test"))
        let milliseconds = Int(duration / .milliseconds(1))
        _ = try await connection.execute(Self.passing, keys: [], arguments: [.integer(milliseconds)])
        await connection.close()
    }
}
