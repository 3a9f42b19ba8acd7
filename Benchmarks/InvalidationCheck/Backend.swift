import Larder
import LarderSQLite
import Logging

/// The store and the log that the nodes share.
enum Backend {
    /// Two files in a folder.
    case sqlite(folder: String)

    /// Opens what a node needs.
    func open() throws -> CacheSystem {
        var configuration = CacheSystem.Configuration()
        configuration.maximumSilence = Plan.maximumSilence
        switch self {
        case .sqlite(let folder):
            return try CacheSystem(
                store: SQLiteStore(path: folder + "/store.sqlite"),
                log: SQLiteInvalidationLog(path: folder + "/log.sqlite"),
                configuration: configuration,
                logger: Logger(label: "invalidation-check")
            )
        }
    }
}
