import ArgumentParser
import CacheSimulation
import Foundation
import LarderMonitoring

/// The options of simulations with loads ahead.
struct SimulatePrefetch: ParsableArguments {
    @Flag(
        help: """
            Compares loads before they are asked for, as Larder predicts them, with none, and with a refresh at the plain \
            mean interval. Only for larder, lru, sieve, clock and fifo.
            """
    )
    var prefetch = false

    @Option(help: "With --prefetch: how long entries live, in seconds where the trace has times, else in requests.")
    var ttl: Double?

    @Option(help: "With --prefetch: how many loads may be made ahead in a second, or for each request.")
    var budget: Double?

    @Option(help: "With --prefetch: how probable a request must be for a load to be worth it, from 0 to 1.")
    var breakEven = 0.5

    @Option(help: "With --prefetch: the precision below which a predictor is switched off, from 0 to 1.")
    var leastPrecision = 0.5

    var rules: PrefetchRules {
        PrefetchRules(
            timeToLive: ttl,
            budget: budget ?? .infinity,
            breakEven: breakEven,
            leastPrecision: leastPrecision
        )
    }

    func validate(_ policies: [PolicyName], isWeighted: Bool) throws {
        guard prefetch else {
            if ttl != nil || budget != nil { throw ValidationError("--ttl and --budget need --prefetch.") }
            return
        }
        if let policy = policies.first(where: { !PrefetchSimulation.policies.contains($0) }) {
            throw ValidationError(
                "The policy \(policy.rawValue) cannot be prefetched for. Leave it out with --policies."
            )
        }
        guard !isWeighted, ttl ?? 1 > 0, budget ?? 1 >= 0, (0..<1).contains(breakEven), (0...1).contains(leastPrecision)
        else {
            throw ValidationError(
                "With --prefetch leave out --weighted, and give a --ttl above 0, a --budget from 0 on, and shares from 0 to 1."
            )
        }
    }

    /// Runs all policies with all capacities and all ways to prefetch, as many at a time as there are processors.
    func simulate(_ trace: Trace, _ policies: [PolicyName], capacities: [Int]) async -> [PrefetchResult] {
        let simulation = PrefetchSimulation(of: trace, rules: rules)
        let runs = policies.flatMap { policy in
            capacities.flatMap { capacity in PrefetchMode.allCases.map { (policy, capacity, $0) } }
        }
        let progress = SimulationProgress(total: trace.keys.count * runs.count)
        defer { progress.finish() }
        return await withTaskGroup(of: (Int, PrefetchResult).self) { group in
            for (index, (policy, capacity, mode)) in runs.enumerated() {
                group.addTask { (index, simulation.run(policy, capacity: capacity, mode) { progress.add($0) }) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map { $0.1 }
        }
    }
}

extension SimulationOutput {
    func text(of results: [PrefetchResult]) throws -> String {
        switch self {
        case .table: Self.table(results) + "\n"
        case .json: try Self.json(results) + "\n"
        case .svg: throw ValidationError("There is no chart of prefetching. Give --output table or json.")
        }
    }

    /// A row for each way to prefetch, beside none with the same policy and capacity.
    private static func table(_ results: [PrefetchResult]) -> String {
        var bases: [[String]: PrefetchResult] = [:]
        let rows = results.map { result in
            let name = [result.policy, "\(result.capacity)"]
            if result.prefetch == .none { bases[name] = result }
            let base = bases[name] ?? result
            let extra = base.loads == 0 ? 0 : 100 * Double(result.loads - base.loads) / Double(base.loads)
            let isNone = result.prefetch == .none
            return ["\(result.policy) \(result.capacity) \(result.prefetch.rawValue)", percent(result.hitRatio)]
                + (isNone
                    ? ["", "\(result.loads)", "", "", "", ""]
                    : [
                        String(format: "%+.2f", 100 * (result.hitRatio - base.hitRatio)), "\(result.loads)",
                        String(format: "%+.1f", extra), percent(result.precision), percent(result.recall),
                        String(format: "%.2f", result.loadsPerAvoidedMiss),
                    ])
        }
        return TextTable.text(
            head: ["", "hits %", "gained", "loads", "extra %", "precision %", "recall %", "loads per avoided miss"],
            rows: rows
        )
    }

    private static func percent(_ share: Double) -> String { String(format: "%.2f", 100 * share) }
}
