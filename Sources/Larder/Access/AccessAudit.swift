import MemoryCache

public import struct Foundation.Date

/// One decision of an ``AccessPolicy``.
public struct AccessRecord: Hashable, Sendable {
    /// Who wanted to do something.
    public var principal: Principal

    /// What they wanted to do.
    public var action: AccessAction

    /// The name of the namespace.
    public var namespace: String

    /// The key in its encoded form, or the pattern of the keys.
    public var keys: String

    /// What the policy said.
    public var decision: AccessDecision

    /// When, on the wall.
    public var time: Date
}

/// Takes decisions, to write them down.
public protocol AccessAuditSink: Sendable {
    /// Takes decisions in the order in which they were made, one batch after the other.
    ///
    /// - Parameters:
    ///   - records: The decisions.
    ///   - dropped: How many decisions were lost behind these, because the sink was too slow.
    func record(_ records: [AccessRecord], dropped: Int) async
}

/// Hands decisions to a sink, in the background and in bounded memory.
///
/// No caller ever waits for the sink. When it falls behind, decisions are dropped and counted.
public final class AccessAudit: Sendable {
    /// Which decisions are noted.
    public enum Scope: Hashable, Sendable {
        /// Those that deny something.
        case denials
        /// Those that deny something, and all but those about reading.
        case denialsAndChanges
        /// All. An allowed read then costs a note on each hit.
        case everything
    }

    private struct State {
        var records: [AccessRecord] = []
        var dropped = 0
        var isDelivering = false
    }

    /// Which decisions are noted.
    public let scope: Scope

    /// How many decisions may wait for the sink.
    public let capacity: Int

    private let sink: any AccessAuditSink
    private let state = Locked(State())

    /// Makes an audit.
    ///
    /// - Parameters:
    ///   - sink: What takes the decisions.
    ///   - scope: Which decisions are noted.
    ///   - capacity: How many decisions may wait for the sink, at least 1.
    public init(to sink: any AccessAuditSink, _ scope: Scope = .denialsAndChanges, capacity: Int = 10_000) {
        self.sink = sink
        self.scope = scope
        self.capacity = max(1, capacity)
    }

    /// The actions that are noted where they are allowed, as a mask.
    var allowedActions: UInt8 {
        switch scope {
        case .denials: 0
        case .denialsAndChanges: ~AccessAction.read.bit
        case .everything: ~0
        }
    }

    func note(_ record: AccessRecord) {
        guard !record.decision.isAllowed || allowedActions & record.action.bit != 0 else { return }
        let begins = state.withLock { state in
            guard state.records.count < capacity else {
                state.dropped += 1
                return false
            }
            state.records.append(record)
            guard !state.isDelivering else { return false }
            state.isDelivering = true
            return true
        }
        if begins { Task.detached(priority: .utility) { await self.deliver() } }
    }

    private func deliver() async {
        while let (records, dropped) = takeBatch() { await sink.record(records, dropped: dropped) }
    }

    private func takeBatch() -> (records: [AccessRecord], dropped: Int)? {
        state.withLock { state in
            guard !state.records.isEmpty else {
                state.isDelivering = false
                return nil
            }
            defer {
                state.records = []
                state.dropped = 0
            }
            return (state.records, state.dropped)
        }
    }
}
