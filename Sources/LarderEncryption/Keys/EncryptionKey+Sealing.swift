import Crypto
import Foundation
import Larder

extension EncryptionKey {
    /// The nonce, 12 bytes, and the tag, 16, which both algorithms have.
    static let overhead = 28

    /// Encrypts with a random nonce: nonce, encrypted bytes, tag.
    func seal(_ plaintext: RawSpan, with secret: SymmetricKey, context: [UInt8]) throws(EncryptionError) -> [UInt8] {
        do {
            let sealed = try plaintext.withUnsafeBytes { bytes in
                switch algorithm {
                case .aesGCM: try AES.GCM.seal(bytes, using: secret, authenticating: context).combined
                case .chaChaPoly: try ChaChaPoly.seal(bytes, using: secret, authenticating: context).combined
                }
            }
            if let sealed { return Array(sealed) }
        } catch {
            throw EncryptionError(.sealingFailed, "Key \(number) could not encrypt.", underlyingError: error)
        }
        throw EncryptionError(.sealingFailed, "Key \(number) could not encrypt.")
    }

    /// Decrypts, unless the bytes or the context are not those that were encrypted.
    func open(_ sealed: RawSpan, with secret: SymmetricKey, context: [UInt8]) throws(InvalidBytes) -> [UInt8] {
        do {
            let plaintext = try sealed.withUnsafeBytes { bytes in
                switch algorithm {
                case .aesGCM:
                    try AES.GCM.open(AES.GCM.SealedBox(combined: bytes), using: secret, authenticating: context)
                case .chaChaPoly:
                    try ChaChaPoly.open(ChaChaPoly.SealedBox(combined: bytes), using: secret, authenticating: context)
                }
            }
            return Array(plaintext)
        } catch {
            throw InvalidBytes("forged entry")
        }
    }

    /// The key of a tenant, derived by HKDF with SHA-256 (RFC 5869).
    func secret(of tenant: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>
            .deriveKey(inputKeyMaterial: secret, info: Array("larder tenant ".utf8) + tenant, outputByteCount: 32)
    }
}
