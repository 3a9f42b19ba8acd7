import Larder
import Logging
import ServiceLifecycle
import Synchronization

/// Replays the workload twice, against a server without the cache and against the one with it, and prints what
/// came of it.
///
/// The server without the cache listens on a port of its own, in front of the same vault, for as long as its
/// pass takes.
final class ReplayService: Service {
    private let options: NotesVaultOptions
    private let vault: Vault
    private let caches: NoteCaches
    private let repository: CachedNoteRepository
    private let monitor: ServiceMonitor
    private let console: Console
    private let logger: Logger
    private let (ports, announcement) = AsyncStream.makeStream(of: Int.self)

    init(
        options: NotesVaultOptions,
        vault: Vault,
        caches: NoteCaches,
        repository: CachedNoteRepository,
        monitor: ServiceMonitor,
        console: Console,
        logger: Logger
    ) {
        self.options = options
        self.vault = vault
        self.caches = caches
        self.repository = repository
        self.monitor = monitor
        self.console = console
        self.logger = logger
    }

    /// Tells where the server with the cache listens; the replay begins.
    func start(port: Int) {
        announcement.yield(port)
        announcement.finish()
    }

    /// Replays once, and returns early if the service shuts down.
    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            for await port in ports {
                do {
                    try await replay(port: port)
                } catch is CancellationError {
                    return
                } catch {
                    monitor.updateReplay { $0.phase = .failed }
                    logger.error("The replay failed; the service goes on", metadata: ["reason": "\(error)"])
                }
            }
        }
    }

    private func replay(port: Int) async throws {
        // The notes of a user are read and never touched.
        let isSample = options.vaultPath == nil
        let workload = try await Workload(vault: vault, count: options.requests, seed: options.seed, edits: isSample)
        if !isSample { console.write("The replay only reads: your notes are not edited.") }
        let replay = Replay(workload: workload, connections: options.connections, host: options.host)
        // Its edits are told to the cache, which serves meanwhile.
        let uncached = OriginNoteRepository(vault: vault, didChange: { [repository] in await repository.settle($0) })
        let monitor = ServiceMonitor(vault: vault, caches: nil)
        let router = NotesRouter(repository: uncached, monitor: monitor, logger: logger)
        let off = try await TemporaryServer.run(router, host: options.host, logger: logger) { [self] port in
            try await pass(.cacheOff, "Replay, cache off", replay, port: port, caches: nil)
        }
        self.monitor.updateReplay { $0.cacheOff = off }
        let on = try await pass(.cacheOn, "Replay, cache on", replay, port: port, caches: caches)
        self.monitor.updateReplay { status in
            status.cacheOn = on
            status.phase = .done
        }
        console.write("")
        console.write(ReplayTable(off: off, on: on).text)
        console.write("Open http://\(options.host):\(port) to look around. Ctrl-C stops the service.")
    }

    private func pass(
        _ phase: ReplayStatus.Phase,
        _ title: String,
        _ replay: Replay,
        port: Int,
        caches: NoteCaches?
    ) async throws -> ReplayResult {
        monitor.updateReplay { status in
            status.phase = phase
            status.progress = 0
        }
        let total = replay.workload.operations.count
        let bar = ProgressBar(title, total: total, console: console)
        let result = try await replay.run(
            port: port,
            vault: vault,
            caches: caches,
            editsBefore: phase == .cacheOn,
            progress: { [monitor] done in
                bar.update(done)
                monitor.updateReplay { $0.progress = Double(done) / Double(total) }
            }
        )
        bar.finish()
        return result
    }
}
