public import MemoryCache

/// The name, the types and the rules of one kind of entry.
///
/// Declare each once, and open it with ``CacheSystem/cache(_:)``:
///
/// ```swift
/// extension CacheNamespace where Key == UUID, Value == User {
///     static var users: Self {
///         Self("users", policy: CachePolicy(timeToLive: .seconds(60), grace: .seconds(600)))
///     }
/// }
/// let users = try caches.cache(.users)
/// ```
public struct CacheNamespace<Key: CacheKey, Value: Sendable>: Sendable {
    /// The name, not empty and at most 128 bytes of UTF-8, by which the processes that share a store tell their
    /// kinds of entry apart.
    public var name: String

    /// The policy of calls that bring none.
    public var policy: CachePolicy

    /// How much of it may be in memory.
    public var memory: MemoryCapacity

    /// The weight of a value in memory, for a capacity in weights; `nil` weighs each entry 1.
    public var weigher: (@Sendable (Key, Value) -> Int)?

    /// The last resort where a load fails and no tier has a stale copy; `nil`, or a closure that returns it, for none.
    ///
    /// It is kept in memory for the policy's ``CachePolicy/retryPause`` and never stored.
    public var defaultValue: (@Sendable (Key) -> Value?)?

    /// How many loads of it may ask the origin at once, and what happens to those beyond.
    public var loadLimits = LoadLimits()

    /// The group of a key, for ``LoadLimits/maximumConcurrentLoadsPerGroup``: for instance the shard or the tenant that
    /// its value comes from; `nil`, or a closure that returns it, for none.
    public var loadGroup: (@Sendable (Key) -> String?)?

    /// Stands before the origin, and refuses loads while it fails; namespaces with the same origin may share one.
    public var breaker: CircuitBreaker?

    /// How processes agree on who loads a key, by the leases of the system; `nil` for loads of all processes at once.
    public var leases: LeaseRules?

    /// How many callers may wait for one load, at least 1; those beyond it get a stale copy or an error with the code
    /// ``CacheError/Code/overloaded``.
    public var maximumWaiters = 100_000

    /// The names of the namespaces whose values are derived from values of this one, by loaders that said so with
    /// ``LoadContext/depend(on:_:)``; those that are derived from them in turn included.
    ///
    /// What is invalidated here is then invalidated there, too.
    public var derived: Set<String> = []

    /// Lifetimes by patterns of keys, instead of the policy's ``CachePolicy/timeToLive``; the first that matches wins.
    public var lifetimes: TTLRules?

    /// How many keys a bulk loader is asked for at once, at least 1.
    public var maximumBatch = 1_000

    /// Turns values into the bytes of the store; `nil` keeps the namespace in memory alone.
    public var codec: (any CacheCodec<Value>)?

    /// The version of the values, and how older ones become values of it; `nil` for the codec's
    /// ``CacheCodec/formatVersion`` and no migrations.
    public var schema: CacheSchema?

    /// How values are compressed in the store; `nil` for not at all.
    public var compression: NamespaceCompression?

    /// How the namespace is encrypted outside the process; `nil` for not at all.
    public var encryption: NamespaceEncryption?

    /// Whether values must never leave the process unencrypted: neither into a store or a journal, nor into a log.
    ///
    /// Such a namespace does not open unless it can be encrypted, or stays in memory. Errors of codecs, loaders and sinks
    /// are logged and kept by their type alone, since their texts may hold values.
    public var isConfidential = false

    /// Makes a namespace with a codec of its own.
    ///
    /// - Parameters:
    ///   - name: The name, not empty and at most 128 bytes of UTF-8.
    ///   - policy: The policy of calls that bring none.
    ///   - memory: How much of it may be in memory.
    ///   - weigher: The weight of a value in memory, for a capacity in weights.
    ///   - codec: Turns values into the bytes of the store.
    public init(
        _ name: String,
        policy: CachePolicy = .default,
        memory: MemoryCapacity = .entries(10_000),
        weigher: (@Sendable (Key, Value) -> Int)? = nil,
        codec: some CacheCodec<Value>
    ) {
        self.init(name: name, policy: policy, memory: memory, weigher: weigher, codec: codec)
    }

    /// Makes a namespace that stays in memory, even where the system has a store.
    ///
    /// - Parameters:
    ///   - name: The name, not empty and at most 128 bytes of UTF-8.
    ///   - policy: The policy of calls that bring none.
    ///   - memory: How much of it may be in memory.
    ///   - weigher: The weight of a value in memory, for a capacity in weights.
    /// - Returns: The namespace.
    public static func inMemory(
        _ name: String,
        policy: CachePolicy = .default,
        memory: MemoryCapacity = .entries(10_000),
        weigher: (@Sendable (Key, Value) -> Int)? = nil
    ) -> CacheNamespace {
        CacheNamespace(name: name, policy: policy, memory: memory, weigher: weigher, codec: nil)
    }

    private init(
        name: String,
        policy: CachePolicy,
        memory: MemoryCapacity,
        weigher: (@Sendable (Key, Value) -> Int)?,
        codec: (any CacheCodec<Value>)?
    ) {
        self.name = name
        self.policy = policy
        self.memory = memory
        self.weigher = weigher
        self.codec = codec
    }
}

extension CacheNamespace where Value: Codable {
    /// Makes a namespace whose values are stored as JSON.
    ///
    /// - Parameters:
    ///   - name: The name, not empty and at most 128 bytes of UTF-8.
    ///   - policy: The policy of calls that bring none.
    ///   - memory: How much of it may be in memory.
    ///   - weigher: The weight of a value in memory, for a capacity in weights.
    public init(
        _ name: String,
        policy: CachePolicy = .default,
        memory: MemoryCapacity = .entries(10_000),
        weigher: (@Sendable (Key, Value) -> Int)? = nil
    ) {
        self.init(name, policy: policy, memory: memory, weigher: weigher, codec: JSONCodec<Value>())
    }
}

extension CacheNamespace {
    /// Checks name and policy; the capacity is checked where the memory tier is made.
    func validate() throws(CacheError) {
        guard (1...128).contains(name.utf8.count) else {
            throw CacheError(
                .invalidConfiguration,
                "The namespace name \"\(name)\" has \(name.utf8.count) bytes; give it 1 to 128."
            )
        }
        guard maximumWaiters >= 1 else {
            throw CacheError(.invalidConfiguration, "maximumWaiters is \(maximumWaiters); give 1 or more.")
        }
        try loadLimits.validate()
        try leases?.validate()
        guard maximumBatch >= 1 else {
            throw CacheError(.invalidConfiguration, "maximumBatch is \(maximumBatch); give 1 or more.")
        }
        try policy.validate()
        try validateEncryption()
        try compression?.validate()
    }

    /// Whether entries have names that reveal nothing.
    var concealsKeys: Bool { encryption?.concealer != nil }

    private func validateEncryption() throws(CacheError) {
        guard let encryption else {
            guard isConfidential, codec != nil else { return }
            throw CacheError(
                .invalidConfiguration,
                "The namespace \"\(name)\" is confidential and not encrypted; give it an encryption, or keep it in memory."
            )
        }
        do {
            try encryption.cipher.check()
        } catch {
            throw CacheError(
                .invalidConfiguration,
                "The namespace \"\(name)\" cannot be encrypted; see to it that there is an active key.",
                underlyingError: error
            )
        }
        guard lifetimes == nil || !concealsKeys else {
            throw CacheError(
                .invalidConfiguration,
                "The namespace \"\(name)\" conceals its keys, so lifetimes cannot go by their patterns; leave one out."
            )
        }
    }

    /// Whether another namespace has the same settings, as far as they can be compared.
    func agrees(with other: CacheNamespace) -> Bool {
        policy == other.policy && memory == other.memory && loadLimits == other.loadLimits
            && maximumWaiters == other.maximumWaiters && maximumBatch == other.maximumBatch
            && isConfidential == other.isConfidential && (encryption == nil) == (other.encryption == nil)
            && concealsKeys == other.concealsKeys && encryption?.isPerTenant == other.encryption?.isPerTenant
            && compression?.compressor.identifier == other.compression?.compressor.identifier
            && compression?.training == other.compression?.training
            && breaker === other.breaker && derived == other.derived && lifetimes == other.lifetimes
            && leases == other.leases
            && codec.map { ObjectIdentifier(type(of: $0)) } == other.codec.map { ObjectIdentifier(type(of: $0)) }
            && (schema?.agrees(with: other.schema) ?? (other.schema == nil))
            && codec?.formatVersion == other.codec?.formatVersion && codec?.identifier == other.codec?.identifier
    }
}
