import AccessPrediction

/// Runs policies over a trace, with loads before they are asked for.
///
/// A load takes no time, so that what is measured is what is predicted, and not how fast an origin is. What is loaded ahead
/// enters the policy by a request, unless its key is held and only past its life.
public struct PrefetchSimulation: Sendable {
    private let trace: Trace
    private let rules: PrefetchRules

    /// Prepares a trace.
    ///
    /// - Parameters:
    ///   - trace: The trace.
    ///   - rules: What the simulation is about.
    public init(of trace: Trace, rules: PrefetchRules = PrefetchRules()) {
        self.trace = trace
        self.rules = rules
    }

    /// The policies that can be simulated with prefetching.
    public static let policies: [PolicyName] = [.larder, .lru, .sieve, .clock, .fifo]

    /// Runs a policy over the trace.
    ///
    /// - Parameters:
    ///   - policy: The policy, one of ``policies``; any other is taken for Larder's own.
    ///   - capacity: The capacity in entries, at least 1.
    ///   - mode: How keys are loaded before they are asked for.
    ///   - progress: Called now and then with the number of requests since the last call.
    /// - Returns: The hits, and the loads that were made for them.
    public func run(
        _ policy: PolicyName,
        capacity: Int,
        _ mode: PrefetchMode,
        progress: (Int) -> Void = { _ in }
    ) -> PrefetchResult {
        var result =
            switch policy {
            case .lru: replay(LRUPolicy(capacity: capacity), mode, progress)
            case .sieve: replay(SIEVEPolicy(capacity: capacity), mode, progress)
            case .clock: replay(CLOCKPolicy(capacity: capacity), mode, progress)
            case .fifo: replay(FIFOPolicy(capacity: capacity), mode, progress)
            default: replay(LarderPolicy(capacity: capacity), mode, progress)
            }
        result.policy = policy.rawValue
        result.capacity = capacity
        return result
    }

    private func replay(
        _ policy: some PeekablePolicy,
        _ mode: PrefetchMode,
        _ progress: (Int) -> Void
    ) -> PrefetchResult {
        switch mode {
        case .none: replay(policy, NoPlanner(), mode, progress)
        case .meanInterval: replay(policy, MeanIntervalPlanner(), mode, progress)
        case .predicted: replay(policy, PreloadPlanner<UInt64>(settings), mode, progress)
        }
    }

    private var settings: PlannerSettings {
        var settings = PlannerSettings()
        settings.keys = rules.keys
        settings.loadsPerUnit = rules.budget
        settings.breakEven = rules.breakEven
        settings.leastPrecision = rules.leastPrecision
        settings.hour = trace.times.isEmpty ? nil : 3_600
        return settings
    }

    private func replay<Policy: PeekablePolicy, Planner: PrefetchPlanner>(
        _ policy: Policy,
        _ planner: Planner,
        _ mode: PrefetchMode,
        _ progress: (Int) -> Void
    ) -> PrefetchResult {
        var cache = PrefetchedCache(policy: policy, trace: trace, timeToLive: rules.timeToLive)
        var planner = planner
        for (position, key) in trace.keys.enumerated() {
            let now = trace.times.isEmpty ? Double(position) : Double(trace.times[position])
            cache.lifeOfRequest = cache.life(of: position)
            while let moment = planner.nextMoment, moment <= now {
                cache.loadAhead(from: &planner, at: max(moment, cache.now))
            }
            cache.now = max(now, cache.now)
            let isMiss = cache.request(key)
            planner.noteRequest(of: key, isMiss: isMiss, cache)
            cache.loadAhead(from: &planner, at: cache.now)
            if position & 0xFFFF == 0xFFFF { progress(0x1_0000) }
        }
        progress(trace.keys.count & 0xFFFF)
        return PrefetchResult(
            policy: "",
            capacity: 0,
            prefetch: mode,
            requests: trace.keys.count,
            hits: cache.hits,
            loads: cache.loads,
            ahead: cache.ahead,
            used: cache.used
        )
    }
}
