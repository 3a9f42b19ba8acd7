import LarderRedis
import LarderTesting
import Logging
import RESP

extension RedisStore {
    /// A store on a server, with settings that suit tests.
    convenience init(on server: RedisServer, _ change: (inout Configuration) -> Void = { _ in }) throws {
        try self.init(url: server.url, change)
    }

    /// A store on the server of a URL, with settings that suit tests.
    convenience init(url: String, _ change: (inout Configuration) -> Void) throws {
        var configuration = Configuration(connection: try .patient(url: url))
        change(&configuration)
        try self.init(configuration: configuration, logger: Logger(label: "test"))
    }
}
