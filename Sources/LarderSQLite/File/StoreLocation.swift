import Foundation

/// Where the file of a store lies, and how it gets out of the way.
struct StoreLocation: Sendable {
    /// The absolute path of the file.
    let path: String

    /// The absolute path of its folder.
    var folder: String { (path as NSString).deletingLastPathComponent }

    /// How many damaged files are kept.
    ///
    /// The last of them is replaced, the others stay for an inspection.
    static let maximumSetAside = 5

    init(path: String) throws {
        guard !path.isEmpty, path != ":memory:" else {
            throw SQLiteStoreError(.cannotOpen, "'\(path)' names no file. Use the path of a file on a local disk.")
        }
        self.path = URL(fileURLWithPath: path).path
        try validate()
    }

    /// Finds the faults of a path of which SQLite only says that it cannot open it.
    private func validate() throws {
        let files = FileManager.default
        var isDirectory: ObjCBool = false
        if files.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
            throw SQLiteStoreError(.cannotOpen, "'\(path)' is a folder. Use the path of a file in it.")
        }
        guard files.fileExists(atPath: folder, isDirectory: &isDirectory) else {
            throw SQLiteStoreError(
                .cannotOpen,
                "The folder '\(folder)' does not exist. Create it, or use another path."
            )
        }
        guard isDirectory.boolValue else {
            throw SQLiteStoreError(.cannotOpen, "'\(folder)' is not a folder. Use the path of a file in a folder.")
        }
    }

    /// Renames the file and its log.
    ///
    /// - Returns: The new path of the file.
    func setAside() throws -> String {
        let files = FileManager.default
        let candidates = (1...Self.maximumSetAside).map { "\(path).corrupt-\($0)" }
        let aside = candidates.first { !files.fileExists(atPath: $0) } ?? "\(path).corrupt-\(Self.maximumSetAside)"
        // The log goes first: a new database that met the log of the old one would take it for its own.
        for suffix in ["-wal", "-shm", ""] {
            guard rename(path + suffix, aside + suffix) != 0 else { continue }
            guard errno == ENOENT else {
                let reason = String(cString: strerror(errno))
                throw SQLiteStoreError(
                    .corrupt,
                    "'\(path)' is damaged and cannot be set aside: \(reason). Remove it by hand."
                )
            }
            unlink(aside + suffix)
        }
        return aside
    }
}
