#if canImport(Glibc)
import FileSystemStatus
import Foundation
import Glibc

/// The kernel's notifications about a folder and all folders in it.
struct FolderNotifications: Sendable {
    /// What was noticed since it was last told.
    struct Findings {
        var notes: Set<NoteID> = []
        var isEverything = false

        var isEmpty: Bool { notes.isEmpty && !isEverything }
        var event: FolderEvent { isEverything ? .everything : .notes(notes) }
    }

    /// Readable when there are notifications.
    let descriptor: CInt

    private let root: String
    /// The watched folders by the number the kernel gave them, relative to the root.
    private var folders: [CInt: String] = [:]

    private static let mask = UInt32(
        IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_ONLYDIR
            | IN_EXCL_UNLINK
    )

    init(root: String) throws {
        self.root = root
        descriptor = inotify_init1(CInt(O_NONBLOCK | O_CLOEXEC))
        guard descriptor >= 0 else { throw Self.failure("ask the kernel for notifications") }
        var found = Findings()
        watch("", &found)
        guard !folders.isEmpty else {
            let failure = Self.failure("watch \(root)")
            close()
            throw failure
        }
    }

    func close() {
        Glibc.close(descriptor)
    }

    /// Takes all notifications that are there.
    mutating func read(into findings: inout Findings) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return }
            parse(buffer[..<count], &findings)
        }
    }

    /// Reads the kernel's records: watch, mask, cookie, length of the name, name filled up with zeros.
    mutating func parse(_ bytes: ArraySlice<UInt8>, _ findings: inout Findings) {
        var rest = bytes
        while rest.count >= 16 {
            let (watch, mask, length) = rest.withUnsafeBytes {
                (
                    $0.loadUnaligned(fromByteOffset: 0, as: CInt.self),
                    $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self),
                    Int($0.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
                )
            }
            let name = String(decoding: rest.dropFirst(16).prefix(length).prefix { $0 != 0 }, as: UTF8.self)
            rest = rest.dropFirst(16 + length)
            note(watch: watch, mask: mask, name: name, &findings)
        }
    }

    private mutating func note(watch number: CInt, mask: UInt32, name: String, _ findings: inout Findings) {
        func isSet(_ flag: Int) -> Bool { mask & UInt32(truncatingIfNeeded: flag) != 0 }
        if isSet(Int(IN_Q_OVERFLOW)) {
            // Some were lost, perhaps of new folders.
            findings.isEverything = true
            watch("", &findings)
            return
        }
        if isSet(Int(IN_IGNORED)) {
            folders[number] = nil
            return
        }
        guard let folder = folders[number], !name.isEmpty, !name.hasPrefix(".") else { return }
        let path = folder.isEmpty ? name : folder + "/" + name
        if isSet(Int(IN_ISDIR)) {
            // A folder that came may hold notes already; those of one that went are gone without a word.
            if isSet(Int(IN_CREATE)) || isSet(Int(IN_MOVED_TO)) {
                watch(path, &findings)
            } else {
                findings.isEverything = true
            }
        } else if !isSet(Int(IN_CREATE)), name.hasSuffix(".md"), let id = NoteID(rawValue: String(path.dropLast(3))) {
            // A file that was created is told of again when it is closed.
            findings.notes.insert(id)
        }
    }

    /// Watches a folder and the folders in it, and finds the notes that are already there.
    private mutating func watch(_ folder: String, _ findings: inout Findings) {
        let number = inotify_add_watch(descriptor, root + "/" + folder, Self.mask)
        guard number >= 0 else {
            // Gone again, or over the limit of watches: what is in it is found by looking.
            findings.isEverything = true
            return
        }
        folders[number] = folder
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)) ?? []
        for name in names where !name.hasPrefix(".") {
            let path = folder.isEmpty ? name : folder + "/" + name
            if name.hasSuffix(".md"), let id = NoteID(rawValue: String(path.dropLast(3))) {
                findings.notes.insert(id)
            } else if FileStatus(path: root + "/" + path, followingLinks: false)?.isFolder == true {
                watch(path, &findings)
            }
        }
    }

    static func failure(_ what: String) -> VaultError {
        let reason = String(cString: strerror(errno))
        return VaultError(.unreadableVault, "The service could not \(what): \(reason). Raise fs.inotify limits.")
    }
}
#endif
