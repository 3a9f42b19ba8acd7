import ArgumentParser
import CacheSimulation
import Foundation

/// Runs eviction policies over a trace of requests.
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what hit ratio which policy and capacity would have with a trace of requests.",
        discussion: """
            A trace is a file of the keys that were asked for, in their order; gzip and zstd are recognised. All of it \
            is read into memory, once. An example is 'larder simulate requests.txt --capacities 1000,10000,5%'.
            """
    )

    @Argument(help: "The file of the trace.", completion: .file())
    var file: String

    @Option(help: "How the trace is written; by default what the name of the file tells.")
    var format: TraceFormat?

    @Option(
        help: """
            Policies, with commas between them, or 'all'. One of \(PolicyList.names); those that are compared most often \
            unless given.
            """
    )
    var policies: PolicyList?

    @Option(help: "Capacities in entries, or in percent of the distinct keys, with commas between them.")
    var capacities = CapacityList([.percentage(1), .percentage(5), .percentage(10), .percentage(25), .percentage(50)])

    @Option(help: "How to show the result: table, json or svg.")
    var output = SimulationOutput.table

    @Flag(help: "Takes capacities as sums of weights, such as bytes. Only for fifo, lru, clock, sieve and larder.")
    var weighted = false

    @OptionGroup(title: "Prefetching")
    var prefetching: SimulatePrefetch

    @OptionGroup(title: "Columns of CSV files")
    var columns: SimulateColumns

    private var names: [PolicyName] {
        let usual: [PolicyName] = [.larder, .lru, .sieve, .s3FIFO, .arc, .lirs, .windowTinyLFU, .belady]
        return policies?.names ?? (prefetching.prefetch ? [.larder, .lru] : usual)
    }

    func validate() throws {
        try prefetching.validate(names, isWeighted: weighted)
        guard weighted, let policy = names.first(where: { !$0.weighs }) else { return }
        throw ValidationError(
            "The policy \(policy.rawValue) counts entries. Leave it out with --policies, or --weighted."
        )
    }

    func run() async throws {
        let trace = try TraceFile(URL(fileURLWithPath: file), format: format, columns: columns.columns).read()
        if weighted, trace.weights.isEmpty { throw ValidationError("The trace has no weights. Leave out --weighted.") }
        let total = !capacities.needTotal ? 0 : weighted ? trace.totalWeight() : trace.distinctKeyCount()
        var seen: Set<Int> = []
        let resolved = capacities.capacities.map { $0.resolved(total: total) }.filter { seen.insert($0).inserted }
        if prefetching.prefetch {
            let results = await prefetching.simulate(trace, names, capacities: resolved)
            return print(try output.text(of: results), terminator: "")
        }
        let results = await simulate(trace, capacities: resolved)
        let name = URL(fileURLWithPath: file).lastPathComponent
        print(try output.text(of: results, title: name), terminator: "")
    }

    /// Runs all policies with all capacities, as many at a time as there are processors.
    private func simulate(_ trace: Trace, capacities: [Int]) async -> [SimulationResult] {
        let simulation = Simulation(of: trace, for: names, isWeighted: weighted)
        let runs = names.flatMap { name in capacities.map { (name, $0) } }
        let progress = SimulationProgress(total: trace.keys.count * runs.count)
        defer { progress.finish() }
        return await withTaskGroup(of: (Int, SimulationResult).self) { group in
            for (index, (name, capacity)) in runs.enumerated() {
                group.addTask { (index, simulation.run(name, capacity: capacity) { progress.add($0) }) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map { $0.1 }
        }
    }
}
