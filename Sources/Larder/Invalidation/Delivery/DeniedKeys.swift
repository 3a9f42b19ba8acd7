import MemoryCache
import Synchronization

/// What a namespace neither serves nor stores, because an invalidation of it was not delivered yet.
///
/// Which entries carry a tag is not known before they are read, so whatever is not an invalidation of keys denies all
/// keys.
final class DeniedKeys: Sendable {
    fileprivate struct State {
        var keys: Set<StoreKey> = []
        var isEverything = false
    }

    private let isAnything: Atomic<Bool>
    private let state: Locked<State>

    /// - Parameter isEverything: Whether all keys are denied at first, because it is not known what waits.
    init(isEverything: Bool) {
        isAnything = Atomic(isEverything)
        state = Locked(State(isEverything: isEverything))
    }

    /// Whether all keys are denied.
    var isEverything: Bool { state.withLock { $0.isEverything } }

    func contains(_ key: StoreKey) -> Bool {
        guard isAnything.load(ordering: .acquiring) else { return false }
        return state.withLock { $0.isEverything || $0.keys.contains(key) }
    }

    /// Denies what some invalidations touch.
    func insert(_ records: some Sequence<InvalidationRecord>) {
        change { $0.insert(records) }
    }

    /// Denies only what some invalidations touch.
    func replace(by records: some Sequence<InvalidationRecord>) {
        change { state in
            state = State()
            state.insert(records)
        }
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            isAnything.store(state.isEverything || !state.keys.isEmpty, ordering: .releasing)
        }
    }
}

extension DeniedKeys.State {
    fileprivate mutating func insert(_ records: some Sequence<InvalidationRecord>) {
        for record in records {
            if case .keys(let keys) = record.target { self.keys.formUnion(keys) } else { isEverything = true }
        }
    }
}
