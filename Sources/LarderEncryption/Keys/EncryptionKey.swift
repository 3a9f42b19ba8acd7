import Crypto
import Foundation

/// A key of 256 bits, with its number and what it may be used for.
///
/// Its description names the number, and never the key.
public struct EncryptionKey: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    /// How a key encrypts; both also tell what was forged.
    public enum Algorithm: String, Sendable {
        /// AES-GCM (NIST SP 800-38D), the fastest where the processor has instructions for it.
        case aesGCM = "aes-gcm"
        /// ChaCha20-Poly1305 (RFC 8439), for processors that have none.
        case chaChaPoly = "chacha20-poly1305"
    }

    /// What a key may be used for.
    public enum State: String, Sendable {
        /// Encrypts and decrypts; one key of a ring at a time.
        case active
        /// Decrypts what it encrypted before, or what other processes encrypt whose ring is ahead.
        case decryptOnly = "decrypt-only"
        /// Not used any more: what it encrypted is a miss.
        case retired
    }

    /// The number by which entries name the key, 1 to 65,535.
    public let number: UInt16

    /// How it encrypts.
    public let algorithm: Algorithm

    /// What it may be used for.
    public var state: State

    let secret: SymmetricKey

    /// Makes a key.
    ///
    /// - Parameters:
    ///   - number: The number by which entries name the key, 1 to 65,535; one that no other key ever had.
    ///   - secret: 32 bytes from a source of secure randomness.
    ///   - algorithm: How it encrypts.
    ///   - state: What it may be used for.
    /// - Throws: ``EncryptionError`` with the code `invalidKey`.
    public init(
        number: UInt16,
        secret: some Collection<UInt8>,
        algorithm: Algorithm = .aesGCM,
        state: State = .active
    ) throws(EncryptionError) {
        guard number > 0 else { throw EncryptionError(.invalidKey, "A key has the number 0; give it 1 to 65,535.") }
        guard secret.count == 32 else {
            throw EncryptionError(.invalidKey, "Key \(number) has \(secret.count) bytes; give it 32.")
        }
        self.number = number
        self.secret = SymmetricKey(data: Array(secret))
        self.algorithm = algorithm
        self.state = state
    }

    /// Makes a key of text, as it comes from a configuration or an environment variable.
    ///
    /// - Parameters:
    ///   - number: The number by which entries name the key.
    ///   - base64: 32 bytes in Base64.
    ///   - algorithm: How it encrypts.
    ///   - state: What it may be used for.
    /// - Throws: ``EncryptionError`` with the code `invalidKey`.
    public init(
        number: UInt16,
        base64: String,
        algorithm: Algorithm = .aesGCM,
        state: State = .active
    ) throws(EncryptionError) {
        guard let secret = Data(base64Encoded: base64) else {
            throw EncryptionError(.invalidKey, "Key \(number) is not Base64; give it 32 bytes in Base64.")
        }
        try self.init(number: number, secret: secret, algorithm: algorithm, state: state)
    }

    /// Makes a key of secure random bytes, for tests and for what need not outlive the process.
    ///
    /// - Parameters:
    ///   - number: The number by which entries name the key, 1 to 65,535.
    ///   - algorithm: How it encrypts.
    /// - Returns: An active key.
    /// - Throws: ``EncryptionError`` with the code `invalidKey` for a number of 0.
    public static func random(
        number: UInt16,
        algorithm: Algorithm = .aesGCM
    ) throws(EncryptionError) -> EncryptionKey {
        let secret = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        return try EncryptionKey(number: number, secret: secret, algorithm: algorithm)
    }

    /// The number, the algorithm and the state.
    public var description: String { "key \(number) (\(algorithm.rawValue), \(state.rawValue))" }

    /// The number, the algorithm and the state.
    public var debugDescription: String { description }
}
