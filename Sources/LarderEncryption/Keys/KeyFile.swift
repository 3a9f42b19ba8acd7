import Foundation

/// Keys in a file that its owner alone may read, one to a line: number, state, algorithm, and 32 bytes in Base64.
///
/// ```
/// # number state algorithm secret
/// 2 active aes-gcm kqT0…=
/// 1 decrypt-only aes-gcm 3vY9…=
/// ```
///
/// Put a new key in as `decrypt-only` first, so that each process knows it; make it active once all have read it.
public struct KeyFile: KeyProvider {
    /// The path of the file.
    public let path: String

    /// Names a file.
    ///
    /// - Parameter path: The path of the file.
    public init(path: String) {
        self.path = path
    }

    /// Reads the file.
    ///
    /// - Throws: ``EncryptionError`` with the code `unreadableKeys` if there is no such file, others than its owner may
    ///   read it, or a line of it is no key.
    public func keys() throws -> [EncryptionKey] {
        let text: String
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard let mode = attributes[.posixPermissions] as? Int, mode & 0o077 == 0 else {
                throw EncryptionError(
                    .unreadableKeys,
                    "Others than its owner may use the key file \(path); take their permissions away (chmod 600)."
                )
            }
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch let error as EncryptionError {
            throw error
        } catch {
            throw EncryptionError(.unreadableKeys, "The key file \(path) cannot be read.", underlyingError: error)
        }
        return try text.split(whereSeparator: \.isNewline).enumerated()
            .filter { !$1.hasPrefix("#") }
            .map { try key($1, line: $0 + 1) }
    }

    private func key(_ line: Substring, line number: Int) throws(EncryptionError) -> EncryptionKey {
        let words = line.split(separator: " ")
        guard words.count == 4, let id = UInt16(words[0]), let state = EncryptionKey.State(rawValue: String(words[1])),
            let algorithm = EncryptionKey.Algorithm(rawValue: String(words[2]))
        else {
            throw EncryptionError(
                .unreadableKeys,
                "Line \(number) of \(path) is no key; write number, state, algorithm and secret, with a space between."
            )
        }
        return try EncryptionKey(number: id, base64: String(words[3]), algorithm: algorithm, state: state)
    }
}
