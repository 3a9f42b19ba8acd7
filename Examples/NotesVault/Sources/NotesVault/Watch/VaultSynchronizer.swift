import Logging
import ServiceLifecycle

/// Keeps the index and the cache in step with what other programs do to the files.
struct VaultSynchronizer: Service {
    let watcher: any FolderWatcher
    let repository: any NoteRepository
    let monitor: ServiceMonitor
    let logger: Logger

    /// Runs until the service shuts down.
    func run() async throws {
        let events = try watcher.events()
        // What happened between the first look at the folder and the watch.
        await take(.everything)
        for await event in events.cancelOnGracefulShutdown() { await take(event) }
    }

    private func take(_ event: FolderEvent) async {
        do {
            let count =
                switch event {
                case .notes(let ids): try await repository.refresh(ids)
                case .everything: try await repository.refreshAll()
                }
            if count > 0 { monitor.recordFileChanges(count) }
        } catch {
            logger.error("Changes of files could not be taken up", metadata: ["reason": "\(error)"])
        }
    }
}
