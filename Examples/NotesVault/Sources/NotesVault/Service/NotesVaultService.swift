import Foundation
import Hummingbird
import Larder
import LarderEdge
import LarderRedis
import LarderSQLite
public import Logging
import RESP
import ServiceLifecycle
import UnixSignals

/// The notes vault as a program: prepares the vault, serves it, and shows what the cache does for it.
public struct NotesVaultService: Sendable {
    private let options: NotesVaultOptions
    private let console: Console
    private let logger: Logger

    /// Makes a service.
    ///
    /// - Parameters:
    ///   - options: How it runs.
    ///   - console: Where it writes to.
    ///   - logger: Where it tells of what goes wrong.
    public init(options: NotesVaultOptions, console: Console, logger: Logger) {
        self.options = options
        self.console = console
        self.logger = logger
    }

    /// Runs until the process is asked to stop with SIGINT or SIGTERM.
    ///
    /// - Throws: ``VaultError`` if the vault cannot be read or the address cannot be listened on.
    public func run() async throws {
        let sampleName =
            options.sampleNotes == 5_000 && options.seed == 1
            ? "sample" : "sample-\(options.sampleNotes)-\(options.seed)"
        if let path = options.vaultPath { _ = try VaultFolder(path: path) }
        let data = try DataFolder(root: options.dataPath, vaultPath: options.vaultPath, sample: sampleName)
        let vault = try await openVault(data)
        guard options.usesCache else {
            let monitor = try await monitor(vault, caches: nil)
            return try await serve(OriginNoteRepository(vault: vault), monitor: monitor, system: nil)
        }
        let store = try openStore(data)
        // Who purges the edge reads what was invalidated, also before a crash.
        let log = try options.varnish.map { _ in try SQLiteInvalidationLog(path: data.logPath) }
        let system = try CacheSystem(store: store, log: log, logger: logger)
        let caches = try NoteCaches(system)
        let watch = try CacheWatch(system, webhook: options.alertWebhook, logger: logger)
        let repository = CachedNoteRepository(vault: vault, caches: caches, logger: logger)
        try await repository.settleChanges()
        let warm = (store as? SQLiteStore)?.statistics.entries ?? 0
        if warm > 0 { console.write("The cache is warm: it holds \(warm) entries of an earlier run.") }
        let monitor = try await monitor(vault, caches: caches)
        let views = try await ViewCounter(
            system,
            ledger: ViewLedger(path: data.viewsPath),
            journal: data.viewsJournalPath,
            logger: logger
        )
        let replay = ReplayService(
            options: options,
            vault: vault,
            caches: caches,
            repository: repository,
            monitor: monitor,
            console: console,
            logger: logger
        )
        var invalidator: EdgeInvalidator?
        if let varnish = options.varnish, let log {
            invalidator = try EdgeInvalidator(
                log: log,
                purgers: [VarnishPurger(base: varnish)],
                mapping: .keyTags,
                queue: SQLitePurgeQueue(path: data.purgesPath),
                logger: logger
            )
        }
        try await serve(
            repository,
            monitor: monitor,
            system: system,
            watch: watch,
            views: views,
            edge: try invalidator.map { ($0, try NoteEdge(caches)) },
            replay: options.requests > 0 ? replay : nil
        )
        try await vault.index.writeSettled()
        withExtendedLifetime(data) {}
    }

    // MARK: Preparing

    private func openStore(_ data: DataFolder) throws -> any RemoteStore {
        guard let url = options.redisURL else { return try SQLiteStore(path: data.cachePath, logger: logger) }
        var configuration = RedisStore.Configuration(connection: try RESPConfiguration(url: url))
        configuration.keyPrefix = "notes-vault:"
        return try RedisStore(configuration: configuration, logger: logger)
    }

    private func openVault(_ data: DataFolder) async throws -> Vault {
        if options.vaultPath == nil, !FileManager.default.fileExists(atPath: data.samplePath) {
            let bar = ProgressBar("Writing a sample vault", total: options.sampleNotes, console: console)
            try SampleVault(count: options.sampleNotes, seed: options.seed)
                .write(to: data.samplePath) { bar.update($0) }
            bar.finish()
        }
        let folder = try VaultFolder(path: options.vaultPath ?? data.samplePath)
        let vault = Vault(folder: folder, index: try VaultIndex.open(path: data.indexPath), logger: logger)
        var bar: ProgressBar?
        _ = try await vault.refreshAll { done, total in
            if bar == nil { bar = ProgressBar("Indexing \(total) notes", total: total, console: console) }
            bar?.update(done)
        }
        bar?.finish()
        return vault
    }

    private func monitor(_ vault: Vault, caches: NoteCaches?) async throws -> ServiceMonitor {
        let monitor = ServiceMonitor(vault: vault, caches: caches)
        monitor.setNoteCount(try await vault.index.allIDs().count)
        return monitor
    }

    // MARK: Serving

    private func serve(
        _ repository: any NoteRepository,
        monitor: ServiceMonitor,
        system: CacheSystem?,
        watch: CacheWatch? = nil,
        views: ViewCounter? = nil,
        edge: (invalidator: EdgeInvalidator, fields: NoteEdge)? = nil,
        replay: ReplayService? = nil
    ) async throws {
        let folder = try VaultFolder(path: monitor.report().vault.path)
        let application = Application(
            router: NotesRouter(
                repository: repository,
                monitor: monitor,
                logger: logger,
                views: views,
                edge: edge?.fields,
                dashboard: watch?.dashboard
            )
            .build(),
            configuration: .init(address: .hostname(options.host, port: options.port), reuseAddress: true),
            onServerRunning: { channel in
                guard let port = channel.localAddress?.port else { return }
                console.write("Serving http://\(options.host):\(port)")
                replay?.start(port: port)
            },
            logger: logger
        )
        let synchronizer = VaultSynchronizer(
            watcher: FolderWatchers.make(for: folder),
            repository: repository,
            monitor: monitor,
            logger: logger
        )
        // They stop in reverse order: the cache last.
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
        if let system { services.append(.init(service: system)) }
        if let watch { services.append(.init(service: watch.alerts)) }
        if let views { services.append(.init(service: views)) }
        if let edge { services.append(.init(service: edge.invalidator)) }
        services.append(.init(service: synchronizer))
        services.append(.init(service: application))
        if let replay { services.append(.init(service: replay, successTerminationBehavior: .ignore)) }
        var configuration = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: [.sigint, .sigterm],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch {
            throw ListeningFailure.explained(error, host: options.host, port: options.port)
        }
        console.write("Stopped.")
    }
}
