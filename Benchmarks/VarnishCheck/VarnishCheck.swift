import Foundation
import Larder
import LarderEdge
import LarderSQLite
import Logging

/// Looks for a stale object behind a real Varnish that follows the invalidation log, while wrk asks for all of them and the
/// process that purges is killed in the middle.
///
/// Usage: `varnish-check [objects] [invalidations]`; the process that purges is `varnish-check purge LOG QUEUE URL`.
@main
enum VarnishCheck {
    /// How long after an invalidation has returned the edge may still serve what it touched, also when the process that
    /// purges was killed meanwhile and has started again.
    static let lag: Duration = .seconds(2)

    static func main() async throws {
        let arguments = CommandLine.arguments
        if arguments.count == 5, arguments[1] == "purge" { return try await purge(arguments) }
        let objects = arguments.count > 1 ? Int(arguments[1]) ?? 10_000 : 10_000
        let invalidations = arguments.count > 2 ? Int(arguments[2]) ?? 500 : 500
        let folder = FileManager.default.temporaryDirectory.appending(path: "larder-varnish-check-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try await CheckRun(objects: objects, invalidations: invalidations, folder: folder)
        let outcome = try await run.run()
        outcome.print()
        exit(outcome.isGood ? 0 : 1)
    }

    /// Follows the log and purges, until it is killed.
    private static func purge(_ arguments: [String]) async throws {
        var settings = EdgeInvalidator.Configuration()
        settings.longestLoad = .seconds(2)
        var logger = Logger(label: "purge") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        try await EdgeInvalidator(
            log: SQLiteInvalidationLog(path: arguments[2]),
            purgers: [VarnishPurger(base: arguments[4])],
            mapping: .keyTags,
            queue: SQLitePurgeQueue(path: arguments[3]),
            configuration: settings,
            logger: logger
        )
        .run()
    }
}
