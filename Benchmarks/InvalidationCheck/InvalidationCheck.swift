import Foundation
import Larder
import LarderTesting

/// Has processes that share a store and a log read, write and invalidate at random, holds one of them up now and then,
/// and compares what all of them saw with the promises.
///
/// Prints a table, and as the last line `RESULT` and a JSON object. Exits with 1 if a read was staler than the bound.
@main
enum InvalidationCheck {
    static func main() async throws {
        let arguments = CommandLine.arguments
        if arguments.count == 7, arguments[1] == "work" {
            let numbers = arguments[3...5].compactMap { Int($0) }
            guard numbers.count == 3, let seed = UInt64(arguments[6]) else { exit(64) }
            let plan = Plan(node: numbers[0], nodes: numbers[1], operations: numbers[2], seed: seed)
            return try await work(plan, folder: arguments[2])
        }
        guard arguments.count <= 2, let operations = Int(arguments.count == 2 ? arguments[1] : "100000"), operations > 0
        else {
            print("usage: invalidation-check [OPERATIONS]")
            exit(64)
        }
        let isSound = try await run(operations: operations, nodes: 2, seed: .random(in: 0...UInt64.max))
        exit(isSound ? 0 : 1)
    }

    // MARK: A node

    private static func work(_ plan: Plan, folder: String) async throws {
        let system = try Backend.sqlite(folder: folder).open()
        let cache = try system.cache(
            CacheNamespace<Int, Int>("values", policy: CachePolicy(timeToLive: .seconds(600)))
        )
        let origin = try SharedOrigin(path: folder + "/origin", keys: Plan.keys + 1)
        let outcome = await Worker(plan: plan, cache: cache, origin: origin).run()
        try HistoryFile.write(outcome.events, to: folder + "/events-\(plan.node)")
        try HistoryFile.write(outcome.sightings, to: folder + "/sightings-\(plan.node)")
        await system.shutdown()
    }

    // MARK: All nodes

    private static func run(operations: Int, nodes: Int, seed: UInt64) async throws -> Bool {
        let folder = NSTemporaryDirectory() + "/larder-check-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        print("\(operations) operations on \(Plan.keys) keys by \(nodes) processes; the seed is \(seed).")
        let began = ContinuousClock.now
        let workers = try (0..<nodes)
            .map { node in
                try WorkerProcess(["work", folder, "\(node)", "\(nodes)", "\(operations / nodes)", "\(seed)"])
            }
        let stops = try await disturb(workers)
        let duration = ContinuousClock.now - began
        guard workers.allSatisfy({ $0.status == 0 }) else {
            print("A process ended with an error.")
            return false
        }
        var events: [InvalidationHistory.Event] = []
        for node in 0..<nodes { events += try HistoryFile.read(folder + "/events-\(node)") }
        let sightings = try (0..<nodes).map { try HistoryFile.read(folder + "/sightings-\($0)") }
        return report(events, delays(sightings), stops: stops, duration: duration)
    }

    /// Holds processes up, one at a time, until all have ended.
    ///
    /// - Returns: How often.
    private static func disturb(_ workers: [WorkerProcess]) async throws -> Int {
        var stops = 0
        while workers.contains(where: \.isRunning) {
            try await Task.sleep(for: .milliseconds(Int.random(in: 400...900)))
            guard let worker = workers.filter(\.isRunning).randomElement() else { break }
            try await worker.stop(for: .milliseconds(Int.random(in: 100...1_900)))
            stops += 1
        }
        return stops
    }

    /// How long each version of the probe took to be seen by the last of the other nodes.
    private static func delays(_ sightings: [[InvalidationHistory.Event]]) -> [Double] {
        sightings[0]
            .compactMap { change in
                let firsts = sightings.dropFirst().map { $0.first { $0.version >= change.version }?.start }
                guard !firsts.contains(nil), let last = firsts.compactMap(\.self).max() else { return nil }
                return Double(max(0, last - change.end)) / 1e6
            }
            .sorted()
    }

    private static func report(
        _ events: [InvalidationHistory.Event],
        _ delays: [Double],
        stops: Int,
        duration: Duration
    ) -> Bool {
        var history = InvalidationHistory()
        history.append(contentsOf: events)
        let verdict = history.verdict(bound: Plan.maximumSilence + Plan.slack)
        let reads = events.count { $0.kind == .read }
        let lags = verdict.lags.sorted()
        print("reads                      \(reads)")
        print("keys changed               \(events.count - reads)")
        print("processes held up          \(stops) times")
        print("duration                   \(duration)")
        print("delay to the other nodes   p50 \(percentile(delays, 0.5)) ms, p99 \(percentile(delays, 0.99)) ms")
        print("reads within that delay    \(lags.count), the latest after \(Double(lags.last ?? 0) / 1e6) ms")
        print("stale reads                \(verdict.staleReads.count)")
        for read in verdict.staleReads.prefix(3) {
            print("Broken: node \(read.node) reads version \(read.version) of key \(read.key) at \(read.start)")
            print(history.description(of: read.key, around: read.start))
        }
        let result: [String: Double] = [
            "operations": Double(events.count), "stale_reads": Double(verdict.staleReads.count), "reads": Double(reads),
            "converge_p50_ms": percentile(delays, 0.5), "converge_p99_ms": percentile(delays, 0.99),
        ]
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        if let json = try? encoder.encode(result) { print("RESULT \(String(decoding: json, as: UTF8.self))") }
        return verdict.staleReads.isEmpty && reads > 0 && reads < events.count
    }

    private static func percentile(_ sorted: [Double], _ fraction: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let value = sorted[min(sorted.count - 1, Int(Double(sorted.count) * fraction))]
        return (value * 100).rounded() / 100
    }
}
