import Larder
import LarderTesting
import MemoryCache
import Testing

/// Random histories of three processes, in which the store is slow and fails and the log drops its connections.
@Suite("Histories of caches that share a log", .timeLimit(.minutes(10))) struct SharedLogHistoryTests {
    private static let keys = 4

    /// What is known of each key: how often its origin has changed, and what reads may not fall behind any more.
    private final class Ledger: Sendable {
        struct State {
            var origin = [Int](repeating: 0, count: SharedLogHistoryTests.keys)
            /// By node and key: the version of the last invalidation that has returned there.
            var required = [[Int]](repeating: [Int](repeating: 0, count: SharedLogHistoryTests.keys), count: 3)
            var problems: [String] = []
        }

        let state = Locked(State())
    }

    @Test(
        "no read sees what was loaded before an invalidation that had returned, and all agree in the end",
        arguments: 0..<30
    )
    func history(round: Int) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let cluster = Cluster(policy: exact(timeToLive: .seconds(100_000), hardTimeout: .seconds(1_000)))
        let nodes = try (0..<3)
            .map { number in
                let faulty = FaultyStore(
                    wrapping: cluster.store,
                    clock: cluster.clock,
                    seed: seed &+ UInt64(number),
                    boundsItsLatency: true
                )
                faulty.delay(.probability(0.3), of: .all, by: .milliseconds(5))
                if round % 2 == 1 { faulty.fail(.probability(0.05), of: [.read, .fill]) }
                return try cluster.node(store: faulty)
            }
        let ledger = Ledger()
        let isOver = Counter()
        let time = Task {
            while isOver.value == 0 {
                cluster.clock.advance(by: .milliseconds(2))
                await Task.yield()
            }
        }
        await withTaskGroup { group in
            for task in 0..<9 {
                group.addTask {
                    var random = SplitMix64(seed: seed &+ UInt64(100 + task))
                    for _ in 0..<60 { await self.act(on: task % 3, nodes, cluster, ledger, &random) }
                }
            }
        }
        cluster.log.setDown(false)
        // All hear the last record.
        let end = cluster.log.end
        for node in nodes { await until { node.appliedPosition.map { !$0.precedes(end) } ?? false } }
        for key in 0..<Self.keys {
            let newest = ledger.state.withLock { $0.required.map { $0[key] }.max() ?? 0 }
            for (number, node) in nodes.enumerated() {
                let value = try await self.value(of: key, node, ledger)
                if value < newest {
                    ledger.state.withLock { $0.problems.append("node \(number) is left with \(value)") }
                }
            }
        }
        isOver.add()
        await time.value
        let problems = ledger.state.withLock { $0.problems }
        #expect(problems == [], "The seed is \(seed).")
    }

    private func value(of key: Int, _ node: TieredCache<Int, String>, _ ledger: Ledger) async throws -> Int {
        let text = try await node.result(forKey: key) { key, context in
            let version = ledger.state.withLock { $0.origin[key] }
            context.tags = [key % 2 == 0 ? "even" : "odd"]
            for _ in 0..<Int.random(in: 0..<4) { await Task.yield() }
            return .value("\(version)")
        }
        return text.value.flatMap { Int($0) } ?? -1
    }

    private func act(
        on number: Int,
        _ nodes: [TieredCache<Int, String>],
        _ cluster: Cluster,
        _ ledger: Ledger,
        _ random: inout SplitMix64
    ) async {
        let node = nodes[number]
        let key = Int.random(in: 0..<Self.keys, using: &random)
        switch Int.random(in: 0..<20, using: &random) {
        case 0: cluster.log.setDown(Bool.random(using: &random))
        case 1...3: await invalidate([key], number, ledger) { try await node.removeValue(forKey: key) }
        case 4:
            let keys = (0..<Self.keys).filter { $0 % 2 == key % 2 }
            await invalidate(keys, number, ledger) { try await node.removeAll(tagged: key % 2 == 0 ? "even" : "odd") }
        case 5: await invalidate(Array(0..<Self.keys), number, ledger) { try await node.removeAll() }
        default:
            let required = ledger.state.withLock { $0.required[number][key] }
            guard let value = try? await value(of: key, node, ledger), value < required else { return }
            ledger.state.withLock { $0.problems.append("node \(number) sees \(value) of \(key) after \(required)") }
        }
    }

    private func invalidate(
        _ keys: [Int],
        _ node: Int,
        _ ledger: Ledger,
        _ body: () async throws -> Void
    ) async {
        let versions = ledger.state.withLock { state in
            for key in keys { state.origin[key] += 1 }
            return keys.map { state.origin[$0] }
        }
        guard (try? await body()) != nil else { return }
        ledger.state.withLock { state in
            for (key, version) in zip(keys, versions) {
                state.required[node][key] = max(state.required[node][key], version)
            }
        }
    }
}
