import FileSystemStatus
import Foundation

/// The folder of `.md` files that is the vault.
///
/// Only ids reach it, and an id never leads out of the folder; a link in the file system is not followed out
/// of it either.
struct VaultFolder: Sendable {
    /// The largest note that is read or written, in bytes.
    static let maximumNoteSize = 2 << 20

    /// Where the folder is, with links resolved.
    let url: URL

    /// How a file looks from outside: when both are the same, its text is taken to be the same.
    struct Stamp: Hashable, Sendable {
        /// The time of the last change, in nanoseconds since 1970.
        var modified: Int64
        /// The size in bytes.
        var size: Int64
    }

    /// Opens an existing folder.
    init(path: String) throws {
        let url = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath()
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw VaultError(
                .unreadableVault,
                "There is no folder at \(path). Give the folder that holds your .md files, or leave it out for a sample."
            )
        }
        guard isFolder.boolValue else {
            throw VaultError(.unreadableVault, "\(path) is a file. Give the folder that holds your .md files.")
        }
        do {
            _ = try FileManager.default.contentsOfDirectory(atPath: url.path)
        } catch {
            throw VaultError(
                .unreadableVault,
                "The folder \(path) may not be read. Give its files to this user, or choose another folder.",
                underlyingError: error
            )
        }
        self.url = url
    }

    /// All notes with their stamps.
    ///
    /// Files in hidden folders and with names that are no ids are left out.
    func stamps() throws -> [NoteID: Stamp] {
        var stamps: [NoteID: Stamp] = [:]
        // `subpathsOfDirectory` stops at a folder that may not be read; the walk of our own passes it by.
        var folders = [""]
        while let folder = folders.popLast() {
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: url.path + "/" + folder) else {
                continue
            }
            for name in names where !name.hasPrefix(".") {
                let path = folder.isEmpty ? name : folder + "/" + name
                if name.hasSuffix(".md"), let id = NoteID(rawValue: String(path.dropLast(3))) {
                    stamps[id] = stamp(of: id)
                } else if FileStatus(path: url.path + "/" + path, followingLinks: false)?.isFolder == true {
                    folders.append(path)
                }
            }
        }
        return stamps
    }

    /// How a note's file looks, or `nil` if there is none.
    func stamp(of id: NoteID) -> Stamp? {
        guard let status = FileStatus(path: path(of: id), followingLinks: true), status.isFile else { return nil }
        return Stamp(modified: status.modified, size: status.size)
    }

    /// The text of a note, or `nil` if there is no such file.
    ///
    /// Bytes that are no UTF-8 are read as replacement characters: a vault may hold files of any origin.
    func source(of id: NoteID) throws -> String? {
        guard let stamp = stamp(of: id) else { return nil }
        guard stamp.size <= Self.maximumNoteSize else {
            throw VaultError(
                .noteTooLarge,
                "The note \(id) has \(stamp.size) bytes; the limit is \(Self.maximumNoteSize). Split it."
            )
        }
        guard let data = FileManager.default.contents(atPath: path(of: id)) else { return nil }
        return String(decoding: data, as: UTF8.self)
    }

    /// Writes a note so that a reader, or a crash, meets the old text or the new one and nothing between.
    func write(_ source: String, to id: NoteID) throws {
        let file = URL(fileURLWithPath: path(of: id))
        if FileStatus(path: file.path, followingLinks: true)?.isFolder == true {
            throw VaultError(.conflict, "A folder named \(id).md stands where the note should be. Choose another id.")
        }
        let folder = file.deletingLastPathComponent()
        try checkInside(folder, id: id)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(source.utf8).write(to: file, options: .atomic)
        } catch {
            throw VaultError(
                .conflict,
                "The note \(id) could not be written. See that the folder is writable and no file has its name.",
                underlyingError: error
            )
        }
    }

    /// Removes a note's file; says whether there was one.
    func delete(_ id: NoteID) throws -> Bool {
        guard stamp(of: id) != nil else { return false }
        let file = URL(fileURLWithPath: path(of: id))
        try checkInside(file.deletingLastPathComponent(), id: id)
        try FileManager.default.removeItem(at: file)
        return true
    }

    /// Where a note's file is.
    func path(of id: NoteID) -> String { url.path + "/" + id.rawValue + ".md" }

    /// Refuses a folder that a link leads out of the vault.
    private func checkInside(_ folder: URL, id: NoteID) throws {
        var existing = folder
        while !FileManager.default.fileExists(atPath: existing.path), existing.path.count > url.path.count {
            existing = existing.deletingLastPathComponent()
        }
        let resolved = existing.resolvingSymlinksInPath().path
        guard resolved == url.path || resolved.hasPrefix(url.path + "/") else {
            throw VaultError(
                .conflict,
                "The note \(id) lies behind a link that leads out of the vault. Choose another id."
            )
        }
    }
}
