import Foundation
import Larder
import LarderTesting

/// Has processes that share a store and a log read, write and invalidate at random, makes trouble meanwhile, and compares
/// what all of them saw with the promises.
///
/// Two processes share an SQLite file; with `redis`, four processes share a server that is started for them.
/// Prints a table, and as the last line `RESULT` and a JSON object. Exits with 1 if a read was staler than the bound.
@main
enum InvalidationCheck {
    static func main() async throws {
        let arguments = CommandLine.arguments
        if arguments.count >= 7, arguments[1] == "work" {
            let numbers = arguments[3...5].compactMap { Int($0) }
            guard numbers.count == 3, let seed = UInt64(arguments[6]) else { exit(64) }
            let plan = Plan(node: numbers[0], nodes: numbers[1], operations: numbers[2], seed: seed)
            let folder = arguments[2]
            let backend = arguments.count > 7 ? Backend.redis(url: arguments[7]) : .sqlite(folder: folder)
            return try await work(plan, backend, folder: folder)
        }
        let hasServer = arguments.count > 1 && arguments[1] == "redis"
        let rest = arguments.dropFirst(hasServer ? 2 : 1)
        guard rest.count <= 1, let operations = Int(rest.first ?? "100000"), operations > 0 else {
            print("usage: invalidation-check [redis] [OPERATIONS]")
            exit(64)
        }
        let server = hasServer ? try await RedisServer.start() : nil
        let seed = UInt64.random(in: 0...UInt64.max)
        exit(try await run(operations: operations, nodes: hasServer ? 4 : 2, server, seed: seed) ? 0 : 1)
    }

    // MARK: A node

    private static func work(_ plan: Plan, _ backend: Backend, folder: String) async throws {
        let system = try backend.open()
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

    private static func run(operations: Int, nodes: Int, _ server: RedisServer?, seed: UInt64) async throws -> Bool {
        let folder = NSTemporaryDirectory() + "/larder-check-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        print("\(operations) operations on \(Plan.keys) keys by \(nodes) processes; the seed is \(seed).")
        let began = ContinuousClock.now
        let workers = try (0..<nodes)
            .map { node in
                let numbers = [node, nodes, operations / nodes].map { "\($0)" } + ["\(seed)"]
                return try WorkerProcess(["work", folder] + numbers + [server?.url].compactMap(\.self))
            }
        var troubles = Troubles(workers: workers, server: server)
        try await troubles.make()
        let duration = ContinuousClock.now - began
        guard workers.allSatisfy({ $0.status == 0 }) else {
            print("A process ended with an error.")
            return false
        }
        var events: [InvalidationHistory.Event] = []
        for node in 0..<nodes { events += try HistoryFile.read(folder + "/events-\(node)") }
        let sightings = try (0..<nodes).map { try HistoryFile.read(folder + "/sightings-\($0)") }
        let name = server == nil ? "converge" : "delay"
        return report(events, Delays(sightings), named: name, troubles, duration: duration)
    }

    private static func report(
        _ events: [InvalidationHistory.Event],
        _ delays: Delays,
        named name: String,
        _ troubles: Troubles,
        duration: Duration
    ) -> Bool {
        var history = InvalidationHistory()
        history.append(contentsOf: events)
        let verdict = history.verdict(bound: Plan.maximumSilence + Plan.slack)
        let reads = events.count { $0.kind == .read }
        let lags = verdict.lags.sorted()
        print("reads                      \(reads)")
        print("keys changed               \(events.count - reads)")
        print("processes held up          \(troubles.stops) times")
        print("connections cut            \(troubles.cuts) times")
        print("server killed              \(troubles.restarts) times")
        print("duration                   \(duration)")
        let all = delays.all
        let undisturbed = delays.undisturbed(by: troubles.spans)
        for (title, delays) in [("delay to the other nodes  ", undisturbed), ("the same, troubles included", all)] {
            let (half, most) = (percentile(delays, 0.5), percentile(delays, 0.99))
            print("\(title) p50 \(half) ms, p99 \(most) ms, of \(delays.count)")
        }
        print("reads within that delay    \(lags.count), the latest after \(Double(lags.last ?? 0) / 1e6) ms")
        print("stale reads                \(verdict.staleReads.count)")
        for read in verdict.staleReads.prefix(3) {
            print("Broken: node \(read.node) reads version \(read.version) of key \(read.key) at \(read.start)")
            print(history.description(of: read.key, around: read.start))
        }
        let result: [String: Double] = [
            "operations": Double(events.count), "stale_reads": Double(verdict.staleReads.count), "reads": Double(reads),
            "\(name)_p50_ms": percentile(undisturbed, 0.5), "\(name)_p99_ms": percentile(undisturbed, 0.99),
            "\(name)_with_troubles_p50_ms": percentile(all, 0.5),
            "\(name)_with_troubles_p99_ms": percentile(all, 0.99),
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
