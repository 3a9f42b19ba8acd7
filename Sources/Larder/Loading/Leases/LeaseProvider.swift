/// Sees to it that of all processes one at a time loads a key.
///
/// A lease spares the origin work and is no lock: it ends by itself, a process that cannot ask for one loads without,
/// and what is stored is decided by the fences of the invalidation log alone.
///
/// ## What a provider promises
///
/// - **One holder.** Of those who ask for a free key one gets the lease; the others do not until it was released or its
///   life is over.
/// - **Only the holder releases.** A release with another token changes nothing, so that a load that ends late does not
///   take the lease from who has it by then.
/// - **Errors are thrown.** The cache then loads without a lease.
/// - **Calls may come from any thread at once.**
public protocol LeaseProvider: Sendable {
    /// Asks for the lease of a key.
    ///
    /// - Parameters:
    ///   - key: The key, in the form of the store.
    ///   - life: How long the lease lasts if it is not released, more than zero.
    /// - Returns: The lease, or `nil` if somebody has it.
    /// - Throws: Whatever kept the provider from answering.
    func acquire(_ key: StoreKey, for life: Duration) async throws -> LoadLease?

    /// Gives a lease back, if it is still held, and wakes those who wait for it.
    ///
    /// - Parameter lease: The lease.
    func release(_ lease: LoadLease) async

    /// Waits until the lease of a key may have been released.
    ///
    /// It may return early, and does when the task is cancelled.
    ///
    /// - Parameters:
    ///   - key: The key, in the form of the store.
    ///   - patience: How long to wait at most.
    func waitForRelease(of key: StoreKey, atMost patience: Duration) async

    /// Gives back connections; later calls throw, and those who wait return.
    func shutdown() async
}

/// The right to load a key, which one process has.
public struct LoadLease: Hashable, Sendable {
    /// The key, in the form of the store.
    public let key: StoreKey

    /// A number of chance, by which the holder is known.
    public let token: UInt64

    /// Makes a lease.
    ///
    /// - Parameters:
    ///   - key: The key, in the form of the store.
    ///   - token: A number that nobody else has.
    public init(key: StoreKey, token: UInt64 = .random(in: 0...UInt64.max)) {
        self.key = key
        self.token = token
    }
}
