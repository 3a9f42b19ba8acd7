import Foundation
import Testing

@testable import NotesVault

#if canImport(Glibc)
@Suite(.timeLimit(.minutes(10))) struct NotificationWatcherTests {
    /// Reads events until one of them tells of the note.
    private func expect(
        _ id: String,
        from events: AsyncStream<FolderEvent>
    ) async throws {
        let id = try noteID(id)
        for await event in events {
            switch event {
            case .notes(let ids) where ids.contains(id): return
            case .everything: return
            case .notes: continue
            }
        }
        Issue.record("the events ended before \(id) was told of")
    }

    @Test("notes that are written, replaced, renamed and deleted are told of")
    func changes() async throws {
        let folder = try TemporaryFolder()
        try folder.write("old", to: "a.md")
        var events = try NotificationWatcher(folder: VaultFolder(path: folder.path)).events().makeAsyncIterator()
        try folder.write("new", to: "a.md")
        #expect(await events.next() == .notes([try noteID("a")]))
        try folder.write("draft", to: "a.tmp")
        try FileManager.default.moveItem(atPath: folder.path + "/a.tmp", toPath: folder.path + "/b.md")
        #expect(await events.next() == .notes([try noteID("b")]))
        try FileManager.default.removeItem(atPath: folder.path + "/b.md")
        #expect(await events.next() == .notes([try noteID("b")]))
    }

    @Test("notes in folders that come later are told of, however deep")
    func newFolders() async throws {
        let folder = try TemporaryFolder()
        let events = try NotificationWatcher(folder: VaultFolder(path: folder.path)).events()
        try folder.write("x", to: "new/deep/er/a.md")
        try await expect("new/deep/er/a", from: events)
        try folder.write("y", to: "new/deep/er/b.md")
        try await expect("new/deep/er/b", from: events)
    }

    @Test("a folder that is moved away is a reason to look at everything")
    func movedFolder() async throws {
        let folder = try TemporaryFolder()
        let elsewhere = try TemporaryFolder()
        try folder.write("x", to: "sub/a.md")
        var events = try NotificationWatcher(folder: VaultFolder(path: folder.path)).events().makeAsyncIterator()
        try FileManager.default.moveItem(atPath: folder.path + "/sub", toPath: elsewhere.path + "/sub")
        #expect(await events.next() == .everything)
    }

    @Test("changes that come together are one event, and hidden folders are none")
    func together() async throws {
        let folder = try TemporaryFolder()
        var watcher = NotificationWatcher(folder: try VaultFolder(path: folder.path))
        watcher.quietTime = .seconds(3)
        var events = try watcher.events().makeAsyncIterator()
        try folder.write("x", to: ".git/x.md")
        for number in 0..<20 { try folder.write("x", to: "n\(number).md") }
        let expected = try Set((0..<20).map { try noteID("n\($0)") })
        #expect(await events.next() == .notes(expected))
    }

    @Test("when the kernel's queue overflows, everything is looked at")
    func overflow() async throws {
        let folder = try TemporaryFolder()
        var notifications = try FolderNotifications(root: folder.path)
        defer { notifications.close() }
        var findings = FolderNotifications.Findings()
        // No watch, the mask of an overflow, no cookie, no name.
        let record: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        notifications.parse(record[...], &findings)
        #expect(findings.event == .everything)
    }
}
#endif

@Suite struct PollingWatcherTests {
    @Test("notes that came, went or look different are told of", .timeLimit(.minutes(10)))
    func changes() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a", to: "a.md")
        try folder.write("b", to: "b.md")
        try folder.write("c", to: "c.md")
        let watcher = PollingWatcher(folder: try VaultFolder(path: folder.path), interval: .milliseconds(1))
        var events = try watcher.events().makeAsyncIterator()
        try folder.write("longer", to: "a.md")
        try FileManager.default.removeItem(atPath: folder.path + "/b.md")
        try folder.write("d", to: "sub/d.md")
        var missing: Set<NoteID> = [try noteID("a"), try noteID("b"), try noteID("sub/d")]
        while !missing.isEmpty, case .notes(let ids) = await events.next() { missing.subtract(ids) }
        #expect(missing.isEmpty)
    }
}

@Suite struct VaultSynchronizerTests {
    @Test("what another program does to a file shows in the cache", .timeLimit(.minutes(10)))
    func synchronizing() async throws {
        let test = try await TestVault(["a": "old", "b": "[[a]]"])
        let cache = try await TestCache(test)
        let (events, told) = AsyncStream.makeStream(of: FolderEvent.self)
        let monitor = ServiceMonitor(vault: test.vault, caches: cache.caches)
        let synchronizer = VaultSynchronizer(
            watcher: ScriptedWatcher(stream: events),
            repository: cache.repository,
            monitor: monitor,
            logger: TestVault.logger
        )
        #expect(try await cache.repository.note(noteID("a"))?.body == "old")
        try test.folder.write("newer", to: "vault/a.md")
        told.yield(.notes([try noteID("a")]))
        told.finish()
        try await synchronizer.run()
        #expect(try await cache.repository.note(noteID("a"))?.body == "newer")
        #expect(monitor.report().vault.fileChanges == 1)
    }

    private struct ScriptedWatcher: FolderWatcher {
        let stream: AsyncStream<FolderEvent>
        func events() throws -> AsyncStream<FolderEvent> { stream }
    }
}
