import Larder
import LarderRedis
import LarderSQLite
import Logging

/// The store and the log that the nodes share.
enum Backend {
    /// Two files in a folder.
    case sqlite(folder: String)
    /// A server, by its URL.
    case redis(url: String)

    /// Opens what a node needs.
    func open() throws -> CacheSystem {
        var configuration = CacheSystem.Configuration()
        configuration.maximumSilence = Plan.maximumSilence
        let logger = Logger(label: "invalidation-check")
        switch self {
        case .sqlite(let folder):
            return try CacheSystem(
                store: SQLiteStore(path: folder + "/store.sqlite"),
                log: SQLiteInvalidationLog(path: folder + "/log.sqlite"),
                configuration: configuration,
                logger: logger
            )
        case .redis(let url):
            return try CacheSystem(
                store: RedisStore(url: url, logger: logger),
                log: RedisInvalidationLog(url: url, logger: logger),
                configuration: configuration,
                logger: logger
            )
        }
    }
}
