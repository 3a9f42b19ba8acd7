/// What was noticed in the vault's folder.
enum FolderEvent: Hashable, Sendable {
    /// These notes may have changed, come or gone.
    case notes(Set<NoteID>)
    /// Too much happened to say what: look at everything.
    case everything
}

/// Notices changes of the files of a vault that other programs make.
protocol FolderWatcher: Sendable {
    /// What happens from now on, until the task that reads is cancelled.
    ///
    /// Changes that come close together arrive as one event. The watcher sees its own program's writes too.
    func events() throws -> AsyncStream<FolderEvent>
}

/// Makes the best watcher that the system has.
enum FolderWatchers {
    static func make(for folder: VaultFolder) -> any FolderWatcher {
        #if canImport(Glibc)
        NotificationWatcher(folder: folder)
        #else
        PollingWatcher(folder: folder)
        #endif
    }
}
