/// Encrypts what leaves the process, and tells it from what anybody else wrote.
///
/// `KeyRing` of the product LarderEncryption is one. It may have many keys, of which one encrypts; each has a number,
/// which is written beside what it encrypted.
public protocol EntryCipher: Sendable {
    /// How much longer the encrypted form is.
    var overhead: Int { get }

    /// The key that encrypts now, of which one use is counted.
    ///
    /// - Returns: The number of the key, from 1 to 65,535.
    /// - Throws: Whatever keeps the cipher from encrypting: it has no such key, or that was used as often as it may be.
    func takeKey() throws -> UInt16

    /// Whether the cipher could encrypt now; a namespace that has to be encrypted refuses to open otherwise.
    ///
    /// - Throws: Whatever keeps the cipher from encrypting.
    func check() throws

    /// Whether a key still encrypts; what others have encrypted is encrypted anew when it is read.
    ///
    /// - Parameter key: The number of the key.
    /// - Returns: Whether it is the one that encrypts.
    func isActive(_ key: UInt16) -> Bool

    /// Encrypts.
    ///
    /// - Parameters:
    ///   - plaintext: What to encrypt.
    ///   - key: The number of the key, from ``takeKey()``.
    ///   - tenant: Whose data it is, for a key of its own; `nil` for the key itself.
    ///   - context: What the encrypted form is bound to, and which is not part of it.
    /// - Returns: The encrypted form, longer by ``overhead``.
    /// - Throws: Whatever keeps the cipher from encrypting.
    func seal(_ plaintext: RawSpan, key: UInt16, tenant: [UInt8]?, context: [UInt8]) throws -> [UInt8]

    /// Decrypts.
    ///
    /// - Parameters:
    ///   - sealed: The encrypted form.
    ///   - key: The number of the key that encrypted it.
    ///   - tenant: Whose data it is.
    ///   - context: What it was bound to.
    /// - Returns: What was encrypted.
    /// - Throws: ``InvalidBytes`` with the reason: an unknown or a retired key, or bytes that were not encrypted so.
    func open(_ sealed: RawSpan, key: UInt16, tenant: [UInt8]?, context: [UInt8]) throws(InvalidBytes) -> [UInt8]
}

/// Gives entries names in the store that reveal nothing.
public protocol KeyConcealer: Sendable {
    /// The concealed form of some text, which is the same in each process and cannot be undone or guessed.
    ///
    /// - Parameters:
    ///   - text: The encoded key, or a part of it.
    ///   - namespace: The name of the namespace.
    /// - Returns: UTF-8 without control characters, `:` and `%`, at most 64 bytes.
    func conceal(_ text: some Collection<UInt8>, in namespace: String) -> [UInt8]
}
