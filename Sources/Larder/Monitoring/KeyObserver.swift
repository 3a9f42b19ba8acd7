import MemoryCache

/// What is learnt from the keys that are read: the hottest, the miss-ratio curve, and what other lifetimes would bring.
///
/// Looking at a read takes a lock and some hundred nanoseconds, ten times as much as the read. So only a share of them is
/// looked at, which halves as long as there are more than ``budget`` a second, and begins anew with all each hour.
final class KeyObserver<Key: Hashable & Sendable>: Sendable {
    /// How many reads are looked at in a second: some thousandths of a processor's time.
    static var budget: Double { 5_000 }

    private struct State {
        var hot: HotKeys<Key>
        /// Hears of the reads of the keys that are sampled.
        var listener: (@Sendable (Key) -> Void)?
        /// What loads of hot keys took, an average in which each counts a quarter; and those of some others.
        var loadCosts: [Key: Duration] = [:]
        var curve: MissRatioCurve
        var lifetimes: LifetimeCurve
        /// The curve of the hour before, whole.
        var last: MissRatioCurve?
        var threshold = UInt64.max
        var halvings = 0
        /// How many more may be looked at now.
        var allowance = KeyObserver.budget / 4
        var lastRead: UInt64
        var hour: UInt64
    }

    private let state: Locked<State>
    private let clock: CacheClock
    private let sampledKeys: Int

    init(_ rules: MonitoringRules, timeToLive: Duration = .zero, clock: CacheClock) {
        let now = clock.now
        self.clock = clock
        sampledKeys = rules.sampledKeys
        state = Locked(
            State(
                hot: HotKeys(capacity: rules.hotKeys),
                curve: MissRatioCurve(maximumSamples: rules.sampledKeys),
                lifetimes: LifetimeCurve(timeToLive: timeToLive, maximumKeys: rules.sampledKeys / 4),
                lastRead: now,
                hour: Self.hour(now)
            )
        )
    }

    private static func hour(_ now: UInt64) -> UInt64 { now / 3_600_000_000_000 }

    /// Looks at a read.
    ///
    /// - Returns: The threshold of the hashes, and of the turns, that are to be shown from now on.
    func observe(_ key: Key, _ hash: UInt64, isTurn: Bool) -> UInt64 {
        let now = clock.now
        let (threshold, listener) = state.withLock { state in
            let weight = 1 << state.halvings
            if isTurn {
                state.hot.record(key, hash: hash, weight: weight)
                // The curve counts all requests, and is shown those of its sample; a turn stands for the others.
                state.curve.skip(weight)
            }
            let isSampled = hash < state.threshold
            if isSampled {
                state.curve.sample(hash)
                state.lifetimes.sample(hash, at: now)
            }
            spend(&state, now)
            return (state.threshold, isSampled ? state.listener : nil)
        }
        listener?(key)
        return threshold
    }

    /// Has a preloader hear of each read of the keys that are sampled.
    func onRead(_ body: @escaping @Sendable (Key) -> Void) {
        state.withLock { $0.listener = body }
    }

    private func spend(_ state: inout State, _ now: UInt64) {
        if now > state.lastRead {
            let gained = Double(now - state.lastRead) / 1e9 * Self.budget
            state.allowance = min(state.allowance + gained, Self.budget / 4)
            state.lastRead = now
        }
        state.allowance -= 1
        guard state.allowance < 0, state.halvings < 40 else { return }
        state.halvings += 1
        state.threshold /= 2
        state.curve.limit(to: state.threshold)
        state.lifetimes.limit(to: state.threshold)
        state.allowance = Self.budget / 4
    }

    /// Begins anew if an hour is over.
    ///
    /// - Returns: The threshold from then on; `nil` if the hour is not over.
    func startHour() -> UInt64? {
        let now = clock.now
        return state.withLock { state in
            guard Self.hour(now) > state.hour else { return nil }
            state.hour = Self.hour(now)
            state.hot.decay()
            state.lifetimes.startHour()
            state.last = state.curve
            state.curve = MissRatioCurve(maximumSamples: sampledKeys)
            state.threshold = .max
            state.halvings = 0
            return state.threshold
        }
    }

    /// The keys that were requested most in the last hours, the first of them most.
    func hottest(_ limit: Int) -> [HotKeys<Key>.Entry] { state.withLock { $0.hot }.hottest(limit) }

    /// The requests among which the hottest keys were counted.
    var countedReads: Int { state.withLock { $0.hot.requests } }

    /// What other lifetimes would bring; see ``LifetimeCurve/relativeExpirations``.
    var relativeExpirations: [Double] { state.withLock { $0.lifetimes }.relativeExpirations }

    // MARK: Loads

    /// Takes note of what a load took; it is forgotten in time if the key is not hot.
    func noteLoad(of key: Key, took duration: Duration) {
        state.withLock { state in
            state.loadCosts[key] = state.loadCosts[key].map { $0 + (duration - $0) / 4 } ?? duration
            guard state.loadCosts.count > 2 * state.hot.capacity else { return }
            let hot = Set(state.hot.keys)
            state.loadCosts = state.loadCosts.filter { hot.contains($0.key) }
        }
    }

    /// All hot keys, with the reads that are certain, and what a load takes where that is known.
    var costs: [(key: Key, reads: Int, loadCost: Duration?)] {
        let (hot, loadCosts) = state.withLock { ($0.hot, $0.loadCosts) }
        return hot.hottest(.max).map { ($0.key, $0.count - $0.error, loadCosts[$0.key]) }
    }

    /// The curve of this hour or the last, whichever has more requests.
    var curve: MissRatioCurve {
        state.withLock { state in
            guard let last = state.last, last.requests > state.curve.requests else { return state.curve }
            return last
        }
    }
}
