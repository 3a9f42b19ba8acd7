import Crypto
public import Larder

/// Replaces the names of entries by HMAC-SHA256 of their keys, so that a store tells nobody what is in it.
///
/// Its secret is not part of a ``KeyRing``: who changes it has given all entries new names, and finds none of the old.
public struct KeyHash: KeyConcealer {
    private let secret: SymmetricKey

    /// Makes a hash.
    ///
    /// - Parameter secret: At least 32 bytes from a source of secure randomness.
    /// - Throws: ``EncryptionError`` with the code `invalidKey` for fewer.
    public init(secret: some Collection<UInt8>) throws(EncryptionError) {
        guard secret.count >= 32 else {
            throw EncryptionError(.invalidKey, "The secret has \(secret.count) bytes; give it 32 or more.")
        }
        self.secret = SymmetricKey(data: Array(secret))
    }

    /// The first 128 bits of the hash of a namespace and a text, in hexadecimal digits.
    public func conceal(_ text: some Collection<UInt8>, in namespace: String) -> [UInt8] {
        var hash = HMAC<SHA256>(key: secret)
        // The length tells where the name of the namespace ends.
        hash.update(data: Array("\(namespace.utf8.count) \(namespace) ".utf8))
        hash.update(data: Array(text))
        let digits = Array("0123456789abcdef".utf8)
        return hash.finalize().prefix(16).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }
    }
}
