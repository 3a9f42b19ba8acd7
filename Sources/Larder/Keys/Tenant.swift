/// One of those who share a service and must not see each other's entries.
public struct Tenant: Hashable, Sendable, CustomStringConvertible {
    /// The most bytes that a name may have.
    public static let maximumBytes = 128

    /// The name, not empty.
    public let name: String

    /// Makes a tenant.
    ///
    /// Take the name from what proves who is asking, never from what the asker merely says.
    ///
    /// - Parameter name: The name, 1 to ``maximumBytes`` bytes of UTF-8.
    /// - Throws: ``CacheError`` with the code `invalidKey` for a name of another length.
    public init(_ name: String) throws(CacheError) {
        guard (1...Self.maximumBytes).contains(name.utf8.count) else {
            throw CacheError(
                .invalidKey,
                "The name of a tenant has \(name.utf8.count) bytes; give 1 to \(Self.maximumBytes)."
            )
        }
        self.name = name
    }

    /// The name.
    public var description: String { name }
}

extension Tenant: DecodableCacheKey {
    /// Appends the name as one part.
    public func encode(into encoder: inout CacheKeyEncoder) { encoder.append(name) }

    /// Reads one part as a name.
    public init?(from decoder: inout CacheKeyDecoder) {
        guard let name = decoder.text(), let tenant = try? Tenant(name) else { return nil }
        self = tenant
    }
}

/// A key within what belongs to one tenant.
///
/// A namespace with such keys is scoped: there is no way to ask it for anything without saying whose it is, and the
/// compiler sees to that. In the store the tenant is the first part of the key.
///
/// ```swift
/// let invoices = try caches.cache(CacheNamespace<TenantKey<Int>, Invoice>("invoices"))
/// let mine = invoices.tenant(try Tenant(token.organization))
/// let invoice = try await mine.value(forKey: 7) { try await database.invoice($0) }
/// ```
public struct TenantKey<Key: CacheKey>: CacheKey {
    /// Whose entry it is.
    public let tenant: Tenant

    /// Which of the tenant's entries it is.
    public let key: Key

    /// Makes a key.
    ///
    /// - Parameters:
    ///   - tenant: Whose entry it is.
    ///   - key: Which of the tenant's entries it is.
    @inlinable
    public init(_ tenant: Tenant, _ key: Key) {
        self.tenant = tenant
        self.key = key
    }

    /// Appends the tenant, and then the parts of the key.
    public func encode(into encoder: inout CacheKeyEncoder) {
        encoder.append(contentsOf: tenant)
        encoder.append(contentsOf: key)
    }
}

extension TenantKey: DecodableCacheKey where Key: DecodableCacheKey {
    /// Reads the tenant, and then the key.
    public init?(from decoder: inout CacheKeyDecoder) {
        guard let tenant = Tenant(from: &decoder), let key = Key(from: &decoder) else { return nil }
        self.init(tenant, key)
    }
}
