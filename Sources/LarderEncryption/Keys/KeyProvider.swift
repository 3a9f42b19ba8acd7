/// Where keys are kept: a configuration, a file, or a service for keys.
public protocol KeyProvider: Sendable {
    /// The keys as they are now.
    ///
    /// - Returns: Keys with different numbers, at most one of them active.
    /// - Throws: Whatever kept the keys from being read.
    func keys() async throws -> [EncryptionKey]

    /// The keys, with a new active one in place of one that is nearly used up.
    ///
    /// - Parameter key: The key that is nearly used up.
    /// - Returns: The keys. Where there is no new one, the same as ``keys()``; somebody has to make one then.
    /// - Throws: Whatever kept the keys from being read.
    func keys(replacing key: EncryptionKey) async throws -> [EncryptionKey]
}

extension KeyProvider {
    /// A provider that makes no keys of its own.
    public func keys(replacing key: EncryptionKey) async throws -> [EncryptionKey] { try await keys() }
}
