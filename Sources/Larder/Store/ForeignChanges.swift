import MemoryCache
import Synchronization

/// Keeps what the caches of a system have in memory in step with what other programs do to the store.
///
/// While the store does not notice such changes, memory keeps nothing, and reads ask the store.
final class ForeignChanges: Sendable {
    private struct State {
        var members: [Member] = []
        var task: Task<Void, Never>?
    }

    private struct Member: Sendable {
        weak let cache: (any SystemCache)?
    }

    private let isObserved = Atomic(false)
    private let state = Locked(State())

    /// Begins to follow the changes.
    init(_ changes: AsyncStream<StoreChange>) {
        let task = Task.detached { [weak self] in
            for await change in changes {
                guard let self else { return }
                await self.apply(change)
            }
        }
        state.withLock { $0.task = task }
    }

    deinit {
        state.withLock { $0.task }?.cancel()
    }

    /// Whether memory may keep what the store holds.
    var areObserved: Bool { isObserved.load(ordering: .acquiring) }

    func add(_ cache: any SystemCache) {
        state.withLock { $0.members.append(Member(cache: cache)) }
    }

    private func apply(_ change: StoreChange) async {
        let caches = state.withLock { $0.members }.compactMap(\.cache)
        switch change {
        case .keys(let keys):
            for cache in caches { await cache.forget(keys) }
        case .unobserved:
            isObserved.store(false, ordering: .releasing)
            for cache in caches { await cache.forgetAll() }
        case .observed:
            // What was read before this, and is on its way into memory, may be old.
            for cache in caches { await cache.forgetAll() }
            isObserved.store(true, ordering: .releasing)
        }
    }
}

extension TieredCache {
    /// Takes out of memory what another program has changed in the store, and what is on its way there.
    func forget(_ storeKeys: [StoreKey]) async {
        for storeKey in storeKeys where storeKey.bytes.starts(with: keyPrefix) {
            let type = Key.self as? any DecodableCacheKey.Type
            guard let key = type?.decode(storeKey.bytes.dropFirst(keyPrefix.count)) as? Key,
                (try? self.storeKey(key)) == storeKey
            else { return await forgetAll() }
            memory.removeValue(forKey: key)
            try? await flights.detachLoad(of: key)
            memory.removeValue(forKey: key)
            noteDeparture(key, .removed)
        }
    }

    /// Takes everything out of memory, and what is on its way there.
    func forgetAll() async {
        memory.removeAll()
        await flights.detachAll()
        memory.removeAll()
    }
}
