import MemoryCache

/// One read with a loader, as the parts of loading hand it on.
struct LoadCall<Key: CacheKey, Value: Sendable>: Sendable {
    let key: Key
    let storeKey: StoreKey
    let policy: CachePolicy
    let options: ReadOptions
    let acceptsAbsence: Bool

    /// When it began.
    let start: UInt64

    /// Whether memory had a stale copy then.
    var hasCopy = false

    /// Whether the load runs ahead of the expiry, with nobody who waits for it.
    var isRefresh = false

    /// Whether the loader asks for several keys at once, and gets leave to by itself.
    var isBatched = false

    /// How long the caller waits for a load that it started itself, or that another did.
    func patience(isOwn: Bool) -> Patience {
        let limit = isOwn ? policy.hardTimeout : policy.waiterTimeout ?? policy.hardTimeout
        return Patience(
            soft: Deadline.after(policy.softTimeout, from: start),
            hard: Deadline.after(limit, from: start),
            hasCopy: hasCopy
        )
    }

    /// Whether the caller takes a stale copy instead of waiting at all.
    var takesCopyAtOnce: Bool { hasCopy && policy.softTimeout == .zero }

    func accepts(_ value: Value?) -> Bool { acceptsAbsence || value != nil }
}

extension TieredCache {
    /// Produces a value, with all that a loader may be told and may say.
    @usableFromInline
    typealias Loader = (Key, inout LoadContext<Value>) async throws -> LoadResult<Value>

    /// Checks what a caller gave.
    func call(
        _ key: Key,
        _ policy: CachePolicy?,
        _ options: ReadOptions,
        acceptsAbsence: Bool
    ) throws(CacheError) -> LoadCall<Key, Value> {
        let storeKey = try storeKey(key)
        return LoadCall(
            key: key,
            storeKey: storeKey,
            policy: try checked(policy),
            options: effective(options, storeKey),
            acceptsAbsence: acceptsAbsence,
            start: clock.now
        )
    }

    /// The answer of a stale copy in memory that is not to be replaced yet; notes whether there is one at all.
    func earlyAnswer(_ call: inout LoadCall<Key, Value>) -> CacheResult<Value>? {
        guard !call.options.contains(.skipMemoryRead), let copy = held(call.key, call.storeKey),
            copy.deadline > call.start
        else { return nil }
        // A hit after all, once it had been compared with the newest invalidations.
        if call.options.readsMemory, copy.value.isUsable(at: call.start, acceptsAbsence: call.acceptsAbsence) {
            return answer(copy.value, at: call.start)
        }
        guard copy.value.value != nil else { return nil }
        call.hasCopy = true
        guard !call.options.contains(.forceRefresh),
            copy.value.isResting(at: call.start) || call.options.contains(.allowStale)
        else { return nil }
        return answer(copy.value, at: call.start)
    }

    /// What a caller does after its turn.
    enum Step {
        case answer(CacheResult<Value>)
        case lead(Flight<Key, Value>)
        case again
    }

    /// Makes of a turn what its caller does next.
    func step(after turn: Turn<Key, Value>, _ call: LoadCall<Key, Value>) throws -> Step {
        switch turn {
        case .answer(let answer) where call.accepts(answer.value):
            return .answer(count(answer, call.options))
        case .answer, .retry:
            return .again
        case .lead(let flight):
            return .lead(flight)
        case .failure(let error):
            return .answer(try standIn(for: call.key, options: call.options, orThrow: error))
        case .abandoned(let fallback):
            rest(call)
            let error = Self.abandonedLoad(of: call.key)
            return .answer(try standIn(for: call.key, fallback, options: call.options, orThrow: error))
        case .overdue(let fallback):
            if let copy = standIn(for: call.key, fallback) { return .answer(count(copy, call.options)) }
            // The copy it was to have is gone; there may be time left for a load.
            guard clock.now >= call.patience(isOwn: false).hard || clock.now >= call.patience(isOwn: true).hard else {
                return .again
            }
            let error = Self.overdueLoad(of: call.key)
            countMiss(call.key, call.options, error)
            throw error
        case .cancelled:
            countMiss(call.key, call.options, CancellationError())
            throw CancellationError()
        }
    }
}
