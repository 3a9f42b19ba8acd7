public import Larder
import MemoryCache

/// A store that fails on purpose.
///
/// It hands all calls to another store, and does to them what a script says: they throw, before or after they took
/// effect, they take their time, hang, lose a part of a batch, or answer with damaged bytes.
///
/// ```swift
/// let store = FaultyStore(wrapping: DictionaryStore())
/// store.fail(.next(3), of: .read)
/// store.delay(.probability(0.1), of: [.read, .write], by: .milliseconds(50))
/// store.hang(.read)
/// ```
///
/// Each instruction adds to those before it, and several of them may strike one call. What is left to chance comes
/// from ``seed``: tests print it, and a store with the same seed does the same to the same sequence of calls.
public final class FaultyStore: RemoteStore, CustomStringConvertible {
    /// The number that all chances come from.
    public let seed: UInt64

    /// What the cache is told; `false` unless set, for a store that hangs bounds nothing.
    public let boundsItsLatency: Bool

    /// What the other store says.
    public var maximumEntryBytes: Int { wrapped.maximumEntryBytes }

    /// The seed, to be printed by tests.
    public var description: String { "FaultyStore(seed: \(seed))" }

    private let wrapped: any RemoteStore
    private let clock: any Clock<Duration>
    private let script: Locked<FaultScript>
    private let gate = FaultGate()

    /// Makes a store without any faults yet.
    ///
    /// - Parameters:
    ///   - wrapped: The store that does the work.
    ///   - clock: The clock that delays sleep by. With a manual clock no real time passes.
    ///   - seed: The number that all chances come from.
    ///   - boundsItsLatency: What the cache is told.
    public init(
        wrapping wrapped: any RemoteStore,
        clock: any Clock<Duration> = ContinuousClock(),
        seed: UInt64 = .random(in: 0...UInt64.max),
        boundsItsLatency: Bool = false
    ) {
        self.wrapped = wrapped
        self.clock = clock
        self.seed = seed
        self.boundsItsLatency = boundsItsLatency
        script = Locked(FaultScript(seed: seed))
    }

    /// How many calls were made, whether they succeeded or not.
    ///
    /// - Parameter operations: The kinds of calls to count.
    /// - Returns: The number of calls since the store was made.
    public func calls(of operations: Operations) -> Int {
        script.withLock { $0.calls(of: operations) }
    }

    func add(_ fault: Fault, _ occurrence: Occurrence, of operations: Operations) {
        script.withLock { $0.add(fault, occurrence, of: operations) }
    }

    func removeAllFaults() {
        script.withLock { $0.removeAll() }
    }

    private func perform<Output>(
        _ operation: Operations,
        _ body: (FaultPlan) async throws -> Output
    ) async throws -> Output {
        let plan = script.withLock { $0.plan(for: operation) }
        try await gate.pass(operation)
        if plan.delay > .zero { try await clock.sleep(for: plan.delay) }
        if let error = plan.errorBefore { throw error }
        let output = try await body(plan)
        if let error = plan.errorAfter { throw error }
        return output
    }
}

// MARK: - Hanging

extension FaultyStore {
    /// Makes calls hang until they are released.
    ///
    /// - Parameters:
    ///   - operations: The kinds of calls that hang from now on.
    ///   - heedsCancellation: Whether a hanging call throws when its task is cancelled, as a good store would.
    public func hang(_ operations: Operations = .all, heedsCancellation: Bool = true) {
        gate.close(operations, heedsCancellation: heedsCancellation)
    }

    /// Lets calls go on that hang, and lets no more calls hang.
    ///
    /// - Parameter operations: The kinds of calls to release.
    public func release(_ operations: Operations = .all) {
        gate.open(operations)
    }

    /// Waits until calls hang.
    ///
    /// - Parameter count: How many calls have to hang at the same time.
    public func waitUntilHanging(_ count: Int = 1) async {
        await gate.waitUntilHolding(count)
    }
}

// MARK: - The store

extension FaultyStore {
    /// Reads the key, unless a fault strikes.
    public func value(forKey key: StoreKey) async throws -> StoredValue? {
        try await perform(.read) { plan in
            let value = try await wrapped.value(forKey: key)
            return plan.distort([value], of: [key])[0]
        }
    }

    /// Reads the keys, unless a fault strikes.
    public func values(forKeys keys: [StoreKey]) async throws -> [StoredValue?] {
        try await perform(.read) { plan in
            let values = try await wrapped.values(forKeys: keys)
            return plan.distort(values, of: keys)
        }
    }

    /// Reads the slots, unless a fault strikes.
    ///
    /// A key whose value is lost is vacant.
    public func slots(forKeys keys: [StoreKey]) async throws -> [StoreSlot] {
        try await perform(.read) { plan in
            let slots = try await wrapped.slots(forKeys: keys)
            let values = plan.distort(slots.map(\.value), of: keys)
            return zip(slots, values)
                .map { $0.value != nil && $1 == nil ? .vacant : StoreSlot(value: $1, version: $0.version) }
        }
    }

    /// Writes the entry, unless a fault strikes.
    public func setValue(_ bytes: [UInt8], forKey key: StoreKey, timeToLive: Duration) async throws {
        try await setValues([StoreWrite(key: key, bytes: bytes, timeToLive: timeToLive)])
    }

    /// Writes the entries, unless a fault strikes.
    public func setValues(_ writes: [StoreWrite]) async throws {
        try await perform(.set) { plan in
            try await wrapped.setValues(plan.firstPart(of: writes))
            try plan.throwInterruption()
        }
    }

    /// Fills the keys, unless a fault strikes.
    public func fill(_ fills: [StoreFill]) async throws -> [Bool] {
        try await perform(.fill) { plan in
            let outcomes = try await wrapped.fill(plan.firstPart(of: fills))
            try plan.throwInterruption()
            return outcomes
        }
    }

    /// Buries the keys, unless a fault strikes.
    public func bury(_ keys: [StoreKey], for life: Duration) async throws {
        try await perform(.bury) { plan in
            try await wrapped.bury(plan.firstPart(of: keys), for: life)
            try plan.throwInterruption()
        }
    }

    /// Removes the key, unless a fault strikes.
    @discardableResult
    public func removeValue(forKey key: StoreKey) async throws -> Bool {
        try await removeValues(forKeys: [key]) > 0
    }

    /// Removes the keys, unless a fault strikes.
    @discardableResult
    public func removeValues(forKeys keys: [StoreKey]) async throws -> Int {
        try await perform(.delete) { plan in
            let removed = try await wrapped.removeValues(forKeys: plan.firstPart(of: keys))
            try plan.throwInterruption()
            return removed
        }
    }

    /// Removes the entries, unless a fault strikes.
    @discardableResult
    public func remove(_ removals: [StoreRemoval]) async throws -> Int {
        try await perform(.delete) { plan in
            let removed = try await wrapped.remove(plan.firstPart(of: removals))
            try plan.throwInterruption()
            return removed
        }
    }

    /// Lists keys, unless a fault strikes.
    public func keys(withPrefix prefix: StoreKey, after key: StoreKey?, limit: Int) async throws -> [StoreKey] {
        try await perform(.list) { _ in
            try await wrapped.keys(withPrefix: prefix, after: key, limit: limit)
        }
    }

    /// Removes the entries, unless a fault strikes.
    @discardableResult
    public func removeAll(withPrefix prefix: StoreKey) async throws -> Int {
        try await perform(.removeAll) { _ in
            try await wrapped.removeAll(withPrefix: prefix)
        }
    }

    /// Shuts the other store down.
    ///
    /// No fault strikes here, and hanging calls go on.
    public func shutdown() async {
        gate.open(.all)
        await wrapped.shutdown()
    }
}
