/// Compares the stamps of all files at intervals: for systems without notifications.
struct PollingWatcher: FolderWatcher {
    let folder: VaultFolder
    var interval: Duration = .seconds(2)
    var clock: any Clock<Duration> = ContinuousClock()

    func events() throws -> AsyncStream<FolderEvent> {
        let first = try folder.stamps()
        return AsyncStream { continuation in
            let task = Task { [self] in
                var known = first
                while !Task.isCancelled {
                    do { try await clock.sleep(for: interval) } catch { break }
                    guard let found = try? folder.stamps() else { continue }
                    let changed = Self.differences(known, found)
                    known = found
                    if !changed.isEmpty { continuation.yield(.notes(changed)) }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// The notes whose files do not look the same.
    static func differences(
        _ known: [NoteID: VaultFolder.Stamp],
        _ found: [NoteID: VaultFolder.Stamp]
    ) -> Set<NoteID> {
        Set(known.keys).union(found.keys).filter { known[$0] != found[$0] }
    }
}
