import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where the service keeps what it makes: for each vault a folder with its index and its cache.
final class DataFolder: Sendable {
    /// Where the index of the vault is.
    var indexPath: String { path + "/index.sqlite" }
    /// Where the cache of the vault is.
    var cachePath: String { path + "/cache.sqlite" }
    /// Where the views of the notes are counted.
    var viewsPath: String { path + "/views.sqlite" }
    /// Where views are kept that are not counted yet.
    var viewsJournalPath: String { path + "/views.journal" }
    /// Where processes tell each other what they have invalidated.
    var logPath: String { path + "/log.sqlite" }
    /// Where purges wait that the edge has not taken yet.
    var purgesPath: String { path + "/purges.sqlite" }
    /// Where the sample vault is, or will be made.
    var samplePath: String { path + "/vault" }

    private let path: String
    private let lock: CInt

    /// Makes the folder if it is missing, and keeps other processes out of it.
    ///
    /// - Parameters:
    ///   - root: The folder of all data.
    ///   - vaultPath: The user's vault, or `nil` for the sample.
    ///   - sample: What names the sample.
    /// - Throws: ``VaultError`` if the folder may not be written or another process uses it.
    init(root: String, vaultPath: String?, sample: String) throws {
        let name = vaultPath.map { Self.name(of: $0) } ?? sample
        path = URL(fileURLWithPath: root).standardizedFileURL.path + "/" + name
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Self.notWritable(root, "\(error.localizedDescription)")
        }
        lock = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard lock >= 0 else { throw Self.notWritable(root, String(cString: strerror(errno))) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw VaultError(
                .dataFolder,
                "Another notes-vault is using \(path). Stop it, or give another folder with --data."
            )
        }
    }

    deinit {
        close(lock)
    }

    /// The folder's name for people, and a number that tells folders of one name apart.
    private static func name(of vaultPath: String) -> String {
        let url = URL(fileURLWithPath: vaultPath).standardizedFileURL.resolvingSymlinksInPath()
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in url.path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return "\(url.lastPathComponent.prefix(40))-\(String(hash, radix: 16))"
    }

    private static func notWritable(_ root: String, _ reason: String) -> VaultError {
        VaultError(.dataFolder, "The data folder \(root) may not be written: \(reason). Give another with --data.")
    }
}
