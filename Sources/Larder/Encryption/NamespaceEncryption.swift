/// How a namespace is encrypted in the store and in the journal.
public struct NamespaceEncryption: Sendable {
    /// What encrypts.
    public var cipher: any EntryCipher

    /// Whether each tenant has a key of its own, derived from the active one; the tenant is the first part of the
    /// encoded key.
    public var isPerTenant: Bool

    /// Replaces the names of the entries; `nil` leaves keys readable in the store.
    ///
    /// A namespace with such names cannot invalidate by pattern, have ``CacheNamespace/lifetimes``, or be written behind.
    public var concealer: (any KeyConcealer)?

    /// Makes settings.
    ///
    /// - Parameters:
    ///   - cipher: What encrypts.
    ///   - isPerTenant: Whether each tenant has a key of its own.
    ///   - concealer: Replaces the names of the entries.
    public init(_ cipher: any EntryCipher, isPerTenant: Bool = false, concealer: (any KeyConcealer)? = nil) {
        self.cipher = cipher
        self.isPerTenant = isPerTenant
        self.concealer = concealer
    }

    /// The name of an entry, for an encoded key behind the prefix of its namespace.
    ///
    /// Where tenants have keys of their own, the concealed tenant stays the first part.
    func name(of key: ArraySlice<UInt8>, in namespace: String) -> [UInt8] {
        guard let concealer else { return Array(key) }
        let name = concealer.conceal(key, in: namespace)
        guard isPerTenant else { return name }
        let tenant = concealer.conceal(key.prefix { $0 != UInt8(ascii: ":") }, in: namespace)
        return tenant + [UInt8(ascii: ":")] + name
    }
}

/// The encryption of one opened namespace.
///
/// It knows a long key by its short form, so that what a store lists can be encrypted anew without the key itself.
package struct EntryEncryption: Sendable {
    private let cipher: any EntryCipher
    private let isPerTenant: Bool
    private let prefixLength: Int

    package init(_ settings: NamespaceEncryption, prefixLength: Int) {
        cipher = settings.cipher
        isPerTenant = settings.isPerTenant
        self.prefixLength = prefixLength
    }

    package var overhead: Int { cipher.overhead }

    package func takeKey() throws -> UInt16 { try cipher.takeKey() }

    package func isActive(_ key: UInt16) -> Bool { cipher.isActive(key) }

    package func seal(_ plaintext: RawSpan, number: UInt16, _ key: StoreKey, bound: [UInt8]) throws -> [UInt8] {
        let key = key.inStore
        return try cipher.seal(plaintext, key: number, tenant: tenant(key), context: bound + key.bytes)
    }

    package func open(
        _ sealed: RawSpan,
        number: UInt16,
        _ key: StoreKey,
        bound: [UInt8]
    ) throws(InvalidBytes) -> [UInt8] {
        guard number != 0 else { throw InvalidBytes("not encrypted") }
        let key = key.inStore
        return try cipher.open(sealed, key: number, tenant: tenant(key), context: bound + key.bytes)
    }

    private func tenant(_ key: StoreKey) -> [UInt8]? {
        isPerTenant ? Array(key.bytes.dropFirst(prefixLength).prefix { $0 != UInt8(ascii: ":") }) : nil
    }
}
