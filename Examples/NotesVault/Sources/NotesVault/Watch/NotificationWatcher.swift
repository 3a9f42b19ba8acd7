#if canImport(Glibc)
import Foundation
import Glibc

/// Is told of changes by the Linux kernel (inotify), for the folder and all folders in it.
///
/// The kernel is listened to by a thread of its own, which spends its life asleep.
struct NotificationWatcher: FolderWatcher {
    let folder: VaultFolder

    /// How long the folder must be quiet before changes are told, so that one save is one event.
    var quietTime: Duration = .milliseconds(50)

    func events() throws -> AsyncStream<FolderEvent> {
        let notifications = try FolderNotifications(root: folder.url.path)
        // Writing to this pipe wakes the thread to end it.
        var pipeEnds: [CInt] = [0, 0]
        guard pipe(&pipeEnds) == 0 else { throw FolderNotifications.failure("make a pipe") }
        let (stop, stopped) = (pipeEnds[1], pipeEnds[0])
        let quiet = CInt(quietTime.inSeconds * 1_000)
        return AsyncStream { continuation in
            let thread = Thread { Self.listen(notifications, stopped: stopped, quiet: quiet, continuation) }
            thread.name = "vault-watcher"
            thread.start()
            continuation.onTermination = { _ in close(stop) }
        }
    }

    private static func listen(
        _ notifications: FolderNotifications,
        stopped: CInt,
        quiet: CInt,
        _ continuation: AsyncStream<FolderEvent>.Continuation
    ) {
        var notifications = notifications
        defer {
            notifications.close()
            close(stopped)
            continuation.finish()
        }
        var gathered = FolderNotifications.Findings()
        // A folder that is never quiet is told of nonetheless, after so many reads.
        var reads = 0
        while true {
            var polled = [
                pollfd(fd: notifications.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stopped, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&polled, 2, gathered.isEmpty ? -1 : quiet)
            if ready < 0, errno == EINTR { continue }
            if ready < 0 || polled[1].revents != 0 { return }
            if ready > 0, reads < 100 {
                notifications.read(into: &gathered)
                reads += 1
                continue
            }
            if !gathered.isEmpty { continuation.yield(gathered.event) }
            gathered = FolderNotifications.Findings()
            reads = 0
        }
    }
}
#endif
