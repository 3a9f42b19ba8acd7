/// Runs policies over a trace.
///
/// A trace is read once, and any number of policies and capacities can be run over it, also at the same time from several
/// tasks.
public struct Simulation: Sendable {
    private let trace: Trace
    private let nextUses: [Int]
    private let isWeighted: Bool

    /// Prepares a trace.
    ///
    /// - Parameters:
    ///   - trace: The trace.
    ///   - policies: The policies that will be run; Belady's optimum needs the positions of all next requests.
    ///   - isWeighted: Whether capacities are sums of weights; the trace needs weights, and the policies have to be ones
    ///     that weigh.
    public init(of trace: Trace, for policies: [PolicyName] = PolicyName.allCases, isWeighted: Bool = false) {
        self.trace = trace
        self.isWeighted = isWeighted && !trace.weights.isEmpty
        nextUses = policies.contains(.belady) ? OptimalPolicy.nextUses(of: trace.keys) : []
    }

    /// Runs a policy over the trace.
    ///
    /// Where the trace has lifetimes, a request of an entry that is past its life counts as a miss, and begins a new life.
    ///
    /// - Parameters:
    ///   - policy: The policy.
    ///   - capacity: The capacity in entries, or in weight, at least 1.
    ///   - progress: Called now and then with the number of requests since the last call.
    /// - Returns: How many requests were hits.
    public func run(_ policy: PolicyName, capacity: Int, progress: (Int) -> Void = { _ in }) -> SimulationResult {
        let hits =
            switch policy {
            case .fifo: replayWeighing(FIFOPolicy(capacity: capacity), progress)
            case .lru: replayWeighing(LRUPolicy(capacity: capacity), progress)
            case .lfu: replay(LFUPolicy(capacity: capacity), progress)
            case .clock: replayWeighing(CLOCKPolicy(capacity: capacity), progress)
            case .sieve: replayWeighing(SIEVEPolicy(capacity: capacity), progress)
            case .s3FIFO: replay(S3FIFOPolicy(capacity: capacity), progress)
            case .twoQueue: replay(TwoQueuePolicy(capacity: capacity), progress)
            case .arc: replay(ARCPolicy(capacity: capacity), progress)
            case .lirs: replay(LIRSPolicy(capacity: capacity), progress)
            case .windowTinyLFU: replay(WindowTinyLFUPolicy(capacity: capacity), progress)
            case .larder: replayLarder(capacity, progress)
            case .belady: replayOptimum(capacity, progress)
            }
        return SimulationResult(policy: policy.rawValue, capacity: capacity, requests: trace.keys.count, hits: hits)
    }

    private func replayWeighing(_ policy: some WeighingPolicy, _ progress: (Int) -> Void) -> Int {
        guard isWeighted else { return replay(policy, progress) }
        var policy = policy
        return countHits(progress) { policy.request(trace.keys[$0], weight: trace.weights[$0]) }
    }

    private func replay(_ policy: some EvictionPolicy, _ progress: (Int) -> Void) -> Int {
        var policy = policy
        let keys = trace.keys
        return countHits(progress) { policy.request(keys[$0]) }
    }

    private func replayLarder(_ capacity: Int, _ progress: (Int) -> Void) -> Int {
        guard isWeighted else { return replay(LarderPolicy(capacity: capacity), progress) }
        var policy = LarderPolicy(totalWeight: capacity)
        return countHits(progress) { position in
            let key = trace.keys[position]
            return policy.request(key, hash: key, weight: trace.weights[position])
        }
    }

    private func replayOptimum(_ capacity: Int, _ progress: (Int) -> Void) -> Int {
        var policy = OptimalPolicy(capacity: capacity, requests: trace.keys.count)
        return countHits(progress) { position in
            let nextUse = nextUses[position]
            return policy.request(at: position, nextUse: nextUse < 0 ? nil : nextUse)
        }
    }

    /// Inlined, so that the loop is compiled for each policy.
    @inline(__always)
    private func countHits(_ progress: (Int) -> Void, _ request: (Int) -> Bool) -> Int {
        let step = 1 << 16
        var lifetimes = Lifetimes(trace)
        var hits = 0
        for start in stride(from: 0, to: trace.keys.count, by: step) {
            let positions = start..<min(start + step, trace.keys.count)
            for position in positions {
                let isHeld = request(position)
                if lifetimes.isFresh(at: position, isHeld: isHeld), isHeld { hits += 1 }
            }
            progress(positions.count)
        }
        return hits
    }
}
