import Crypto
public import Larder
import MemoryCache

/// The keys of a process: one that encrypts, others that still decrypt, and those that are done with.
///
/// ```swift
/// let ring = try KeyRing([EncryptionKey(number: 1, base64: environment["CACHE_KEY"] ?? "")])
/// var notes = CacheNamespace<Int, Note>("notes")
/// notes.encryption = NamespaceEncryption(ring)
/// notes.isConfidential = true
/// ```
///
/// Keys change while the caches that use the ring go on; see ``rotate(to:)``. See <doc:LarderEncryption> for rotation.
public final class KeyRing: EntryCipher {
    private struct State {
        var keys: [UInt16: EncryptionKey] = [:]
        var active: UInt16?
        var uses: [UInt16: Int] = [:]
        var tenants: [TenantKey: SymmetricKey] = [:]

        /// The key that may decrypt what one with this number has encrypted.
        func key(_ number: UInt16) throws(InvalidBytes) -> EncryptionKey {
            guard let key = keys[number] else { throw InvalidBytes("unknown encryption key") }
            guard key.state != .retired else { throw InvalidBytes("retired encryption key") }
            return key
        }
    }

    private struct TenantKey: Hashable {
        let number: UInt16
        let tenant: [UInt8]
    }

    /// How many derived keys of tenants are kept; past it they are derived again.
    private static let maximumTenants = 10_000

    /// How often a key may encrypt in one process; 2^28 unless given.
    ///
    /// Of 2^32 random nonces under one key two are equal with a chance of 2^-33, which is as much as NIST SP 800-38D
    /// allows. The limit leaves room for sixteen processes, or restarts, for each key.
    public let usageLimit: Int

    private let state: Locked<State>

    /// Makes a ring.
    ///
    /// - Parameters:
    ///   - keys: The keys, at most one of them active.
    ///   - usageLimit: How often a key may encrypt in this process, at least 1.
    /// - Throws: ``EncryptionError`` with the code `invalidKeys` for keys that do not go together.
    public init(_ keys: [EncryptionKey], usageLimit: Int = 1 << 28) throws(EncryptionError) {
        guard usageLimit >= 1 else {
            throw EncryptionError(.invalidKeys, "usageLimit is \(usageLimit); give 1 or more.")
        }
        self.usageLimit = usageLimit
        state = Locked(State())
        try replace(with: keys)
    }

    // MARK: Keys

    /// The keys, without their secrets, by their numbers.
    public var keys: [EncryptionKey] {
        state.withLock { $0.keys.values.sorted { $0.number < $1.number } }
    }

    /// How often the active key has encrypted in this process; 0 without one.
    public var usesOfActiveKey: Int { state.withLock { state in state.active.flatMap { state.uses[$0] } ?? 0 } }

    /// Puts keys in place of those that there are.
    ///
    /// How often they were used is kept.
    ///
    /// - Parameter keys: The keys, at most one of them active.
    /// - Throws: ``EncryptionError`` with the code `invalidKeys`; the ring stays as it was.
    public func replace(with keys: [EncryptionKey]) throws(EncryptionError) {
        let numbered = Dictionary(keys.map { ($0.number, $0) }) { first, _ in first }
        guard numbered.count == keys.count else {
            throw EncryptionError(.invalidKeys, "Two keys have the same number; give each its own.")
        }
        let active = keys.filter { $0.state == .active }
        guard active.count <= 1 else {
            throw EncryptionError(
                .invalidKeys,
                "\(active.count) keys are active; leave one, and the others decrypt-only."
            )
        }
        state.withLock { state in
            // A number that stands for another secret now has nothing to do with the old one.
            for (number, key) in state.keys where numbered[number].map({ $0.secret != key.secret }) ?? true {
                state.uses[number] = nil
            }
            state.keys = numbered
            state.active = active.first?.number
            state.tenants = [:]
        }
    }

    /// Makes a key the active one; the one that was active decrypts from then on.
    ///
    /// Other processes read what it encrypts once they know the key.
    ///
    /// - Parameter key: The key, new or one of the ring.
    public func rotate(to key: EncryptionKey) {
        state.withLock { state in
            if let active = state.active { state.keys[active]?.state = .decryptOnly }
            if let old = state.keys[key.number], old.secret != key.secret { state.uses[key.number] = nil }
            var key = key
            key.state = .active
            state.keys[key.number] = key
            state.active = key.number
            state.tenants = [:]
        }
    }

    /// Uses a key no more: what it encrypted is a miss.
    ///
    /// - Parameter number: The number of the key.
    public func retire(_ number: UInt16) {
        state.withLock { state in
            state.keys[number]?.state = .retired
            if state.active == number { state.active = nil }
            state.tenants = [:]
        }
    }

    /// The active key, if it has encrypted nearly as often as it may.
    var worn: EncryptionKey? {
        state.withLock { state in
            guard let active = state.active, state.uses[active, default: 0] >= usageLimit - usageLimit / 10 else {
                return nil
            }
            return state.keys[active]
        }
    }

    // MARK: Encrypting

    /// A nonce of 12 bytes and a tag of 16.
    public var overhead: Int { EncryptionKey.overhead }

    /// Counts a use of the active key.
    ///
    /// - Throws: ``EncryptionError`` with the code `noActiveKey`, or `keyUsedUp`: there has to be a new key then.
    public func takeKey() throws -> UInt16 {
        let taken: Result<UInt16, EncryptionError> = state.withLock { state in
            guard let active = state.active else { return .failure(Self.noActiveKey) }
            guard state.uses[active, default: 0] < usageLimit else {
                return .failure(
                    EncryptionError(.keyUsedUp, "Key \(active) has encrypted \(usageLimit) times; rotate to a new key.")
                )
            }
            state.uses[active, default: 0] += 1
            return .success(active)
        }
        return try taken.get()
    }

    /// Sees whether there is an active key.
    ///
    /// - Throws: ``EncryptionError`` with the code `noActiveKey`.
    public func check() throws {
        guard state.withLock({ $0.active != nil }) else { throw Self.noActiveKey }
    }

    private static var noActiveKey: EncryptionError {
        EncryptionError(.noActiveKey, "The key ring has no active key; give it one.")
    }

    /// Whether a key is the active one.
    public func isActive(_ key: UInt16) -> Bool { state.withLock { $0.active == key } }

    /// Encrypts with a random nonce.
    public func seal(_ plaintext: RawSpan, key: UInt16, tenant: [UInt8]?, context: [UInt8]) throws -> [UInt8] {
        let (key, secret) = try secret(key, tenant)
        return try key.seal(plaintext, with: secret, context: context)
    }

    /// Decrypts, with any key that is not retired.
    public func open(
        _ sealed: RawSpan,
        key: UInt16,
        tenant: [UInt8]?,
        context: [UInt8]
    ) throws(InvalidBytes) -> [UInt8] {
        let (key, secret) = try secret(key, tenant)
        return try key.open(sealed, with: secret, context: context)
    }

    private func secret(
        _ number: UInt16,
        _ tenant: [UInt8]?
    ) throws(InvalidBytes) -> (EncryptionKey, SymmetricKey) {
        let found: Result<(EncryptionKey, SymmetricKey), InvalidBytes> = state.withLock { state in
            Result { () throws(InvalidBytes) in
                let key = try state.key(number)
                guard let tenant else { return (key, key.secret) }
                let place = TenantKey(number: number, tenant: tenant)
                if let secret = state.tenants[place] { return (key, secret) }
                let secret = key.secret(of: tenant)
                if state.tenants.count >= Self.maximumTenants { state.tenants = [:] }
                state.tenants[place] = secret
                return (key, secret)
            }
        }
        return try found.get()
    }
}
