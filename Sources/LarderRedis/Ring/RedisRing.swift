public import Larder
public import Logging
import NIOConcurrencyHelpers
import RESP

/// Several independent servers that share the keys by consistent hashing in the client.
///
/// A node that fails several times in a row is ejected: its keys go to the other nodes, and no other key moves. It is
/// asked now and then whether it is back, emptied, and readmitted.
///
/// Calls of several keys are grouped by node and run side by side, one round trip each; when one of the nodes fails
/// the call fails. Clients that see different nodes fail look for a key in different places for a while, so an old value
/// may come back from a node that missed an invalidation. A cache with an invalidation log tells such values by their
/// age; without one, they last as long as their time to live.
///
/// With a bound on the loads of nodes, each key has two: the one it belongs to, and one that helps out. A read, and the fill
/// that follows it, goes to the second while the first has much more to do than the others, as it has when one of its keys
/// is asked for by everybody. Removals and tombstones go to both, and a write leaves a tombstone on the second, so that
/// neither keeps an old value. A read that goes to the second node may miss what the first one has, and then loads it.
///
/// ```swift
/// let ring = try RedisRing([
///     .init(name: "a", store: RedisStore(url: "redis://10.0.0.1")),
///     .init(name: "b", store: RedisStore(url: "redis://10.0.0.2"), weight: 2),
/// ])
/// ```
public final class RedisRing: Sendable {
    /// A store that takes part in a ring.
    public struct Member: Sendable {
        /// What the node is called; keys are assigned by the names alone.
        public var name: String

        /// The store, which nobody else shuts down.
        public var store: any RemoteStore

        /// The node's share of the keys, relative to the others; at least 1.
        public var weight: Int

        /// Makes a member.
        ///
        /// - Parameters:
        ///   - name: What the node is called; keys are assigned by the names alone.
        ///   - store: The store, which the ring shuts down.
        ///   - weight: The node's share of the keys, relative to the others; at least 1.
        public init(name: String, store: any RemoteStore, weight: Int = 1) {
            self.name = name
            self.store = store
            self.weight = weight
        }
    }

    /// What a node has done.
    public struct NodeStatistics: Hashable, Sendable {
        /// What the node is called.
        public var name: String

        /// How many calls went to it.
        public var calls = 0

        /// How many of them failed for its sake.
        public var failures = 0

        /// How often it was ejected.
        public var ejections = 0

        /// Whether it is ejected now.
        public var isEjected = false

        /// How many keys it is asked for now.
        public var pendingKeys = 0

        /// How many reads and fills of its keys went to another node because it had too much to do.
        public var passedOn = 0
    }

    let members: [Member]
    /// How many times its share a node may have to do; `nil` for no bound.
    let loadBound: Double?
    let state: NIOLockedValueBox<RingState>
    private let probeInterval: Duration
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let probes = NIOLockedValueBox<[Int: Task<Void, Never>]>([:])

    /// Makes a ring.
    ///
    /// - Parameters:
    ///   - members: The nodes, at least one; their names differ.
    ///   - placement: How nodes and keys get their places on the circle; at most 10,000 points for a node of weight 1.
    ///   - loadBound: How many times its share of all keys that are asked for a node may be asked for, from 1.05, as in
    ///     1.25; beyond it, reads and fills go to a second node. `nil` has each key on one node alone.
    ///   - failuresBeforeEjection: How many calls in a row have to fail until a node is ejected, at least 1.
    ///   - probeInterval: How long to wait until an ejected node is asked whether it is back, more than zero.
    ///   - clock: Measures that wait.
    ///   - logger: Where the ring tells of nodes that leave and return.
    /// - Throws: ``RedisStoreError`` with the code `invalidConfiguration`.
    public init(
        _ members: [Member],
        placement: HashRing.Placement = .points(150),
        loadBound: Double? = nil,
        failuresBeforeEjection: Int = 3,
        probeInterval: Duration = .seconds(1),
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger = .current
    ) throws(RedisStoreError) {
        guard !members.isEmpty, Set(members.map(\.name)).count == members.count,
            members.allSatisfy({ $0.weight >= 1 }), placement.isAllowed, failuresBeforeEjection >= 1,
            probeInterval > .zero, loadBound ?? 2 >= 1.05
        else {
            throw RedisStoreError(
                .invalidConfiguration,
                "a ring needs nodes with different names and positive weights, 1 to 10,000 points each, a bound "
                    + "of 1.05 or more, and a positive number of failures and interval of probes; correct the configuration"
            )
        }
        self.members = members
        self.loadBound = loadBound
        self.probeInterval = probeInterval
        self.clock = clock
        self.logger = logger
        let ring = HashRing(members.map { HashRing.Node($0.name, weight: $0.weight) }, placement: placement)
        state = NIOLockedValueBox(
            RingState(ring: ring, failuresBeforeEjection: failuresBeforeEjection, loadBound: loadBound)
        )
    }

    deinit {
        for probe in probes.withLockedValue({ $0 }).values { probe.cancel() }
    }

    /// What each node has done, in the order of the members.
    public var statistics: [NodeStatistics] { state.withLockedValue { $0.statistics } }

    /// Shuts all nodes down.
    public func shutdown() async {
        for probe in probes.withLockedValue({ $0 }).values { probe.cancel() }
        await withTaskGroup(of: Void.self) { group in
            for member in members { group.addTask { await member.store.shutdown() } }
        }
    }
}

// MARK: - Nodes that fail

extension RedisRing {
    /// Calls a node and notes how that went; it is done with so many keys then.
    func call<Output: Sendable>(
        _ node: Int,
        keys: Int = 0,
        _ body: (any RemoteStore) async throws -> Output
    ) async throws -> Output {
        defer { state.withLockedValue { $0.end(node, keys: keys) } }
        do {
            let output = try await body(members[node].store)
            state.withLockedValue { $0.succeeded(node) }
            return output
        } catch {
            if Self.isFailureOfNode(error), state.withLockedValue({ $0.failed(node) }) { eject(node, error) }
            throw error
        }
    }

    /// Whether another call to the node would fail as well, whatever it asks.
    private static func isFailureOfNode(_ error: any Error) -> Bool {
        switch error {
        case is CancellationError, is RedisStoreError: false
        case let error as RESPError: ![.overloaded, .serverError, .unexpectedReply].contains(error.code)
        default: true
        }
    }

    private func eject(_ node: Int, _ error: any Error) {
        let name = members[node].name
        logger.warning("Ejected a node of the ring", metadata: ["node": "\(name)", "error": "\(error)"])
        let (store, clock, interval) = (members[node].store, clock, probeInterval)
        let probe = Task { [weak self] in
            // What it holds is from before its keys were written and removed elsewhere.
            repeat {
                guard (try? await clock.sleep(for: interval)) != nil else { return }
            } while (try? await store.removeAll(withPrefix: StoreKey(""))) == nil
            self?.readmit(node)
        }
        probes.withLockedValue { $0[node] = probe }
    }

    /// The task that asks an ejected node whether it is back; it ends when the node is readmitted.
    func probe(of node: Int) -> Task<Void, Never>? { probes.withLockedValue { $0[node] } }

    private func readmit(_ node: Int) {
        state.withLockedValue { $0.readmit(node) }
        probes.withLockedValue { $0[node] = nil }
        logger.notice("Readmitted a node of the ring", metadata: ["node": "\(members[node].name)"])
    }
}

extension HashRing.Placement {
    fileprivate var isAllowed: Bool {
        if case .points(let count) = self { 1...10_000 ~= count } else { true }
    }
}
