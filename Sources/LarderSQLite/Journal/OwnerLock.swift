import Foundation

/// The lock of a journal's owner, which the system releases when the process ends, however it ends.
///
/// It is a file beside the journal, never the journal itself: closing any descriptor of a database releases the locks
/// that SQLite has on it.
final class OwnerLock: Sendable {
    private let descriptor: CInt

    private init(_ descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Takes the lock, unless somebody has it.
    ///
    /// - Parameters:
    ///   - path: The path of the lock.
    ///   - isForced: Whether the lock of another process, which no longer shows that it is alive, is put aside.
    /// - Returns: The lock, or `nil` if somebody has it.
    /// - Throws: What keeps the file from being made.
    static func take(_ path: String, byForce isForced: Bool) throws -> OwnerLock? {
        // Twice: the file may be put aside between its opening and its locking.
        for _ in 0..<2 {
            let name = isForced ? path + ".\(UInt32.random(in: 0...UInt32.max))" : path
            let descriptor = Foundation.open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                let reason = String(cString: strerror(errno))
                throw SQLiteStoreError(.cannotOpen, "'\(path)' cannot be made: \(reason). Check the folder.")
            }
            let lock = OwnerLock(descriptor)
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return nil }
            if isForced { rename(name, path) }
            if lock.isAt(path) { return lock }
        }
        return nil
    }

    private func isAt(_ path: String) -> Bool {
        var own = stat()
        var there = stat()
        return fstat(descriptor, &own) == 0 && stat(path, &there) == 0 && own.st_ino == there.st_ino
            && own.st_dev == there.st_dev
    }
}
