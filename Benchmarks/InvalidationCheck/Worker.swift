import Larder
import LarderTesting

/// One node: reads, writes and invalidates at random, and remembers what it saw.
struct Worker {
    typealias Event = InvalidationHistory.Event

    let plan: Plan
    let cache: TieredCache<Int, Int>
    let origin: SharedOrigin

    /// Does its share of the operations.
    ///
    /// - Returns: What happened, and the moments at which the probe's versions were first seen.
    func run() async -> (events: [Event], sightings: [Event]) {
        let probing = Task { await plan.node == 0 ? changeProbe() : watchProbe() }
        return await withTaskGroup(of: [Event].self) { group in
            for task in 0..<Plan.tasks {
                group.addTask { await perform(task) }
            }
            var events: [Event] = []
            for await part in group { events += part }
            probing.cancel()
            return (events, await probing.value)
        }
    }

    private func perform(_ task: Int) async -> [Event] {
        var random = SplitMix64(seed: plan.seed &+ UInt64(plan.node * 1_000 + task))
        var events: [Event] = []
        for _ in 0..<plan.operations / Plan.tasks {
            switch Int.random(in: 0..<1_000, using: &random) {
            case 0..<30: await invalidateKeys(&events, &random)
            case 30..<50: await invalidateTag(&events, &random)
            case 50..<55: await invalidatePattern(&events, &random)
            case 55: await invalidateEverything(&events)
            case 56..<90: await write(task, &events, &random)
            default: await read(Int.random(in: 0..<Plan.keys, using: &random), &events, &random)
            }
        }
        return events
    }

    // MARK: Operations

    private func read(_ key: Int, _ events: inout [Event], _ random: inout SplitMix64) async {
        let start = MachineTime.now
        // Some loads are slow, so that invalidations come between.
        let pause = Int.random(in: 0..<10, using: &random) == 0 ? Duration.microseconds(500) : nil
        guard let version = try? await load(key, pause: pause) else { return }
        events.append(Event(.read, node: plan.node, key: key, version: version, start: start, end: MachineTime.now))
    }

    private func load(_ key: Int, pause: Duration?) async throws -> Int? {
        try await cache.result(forKey: key) { [origin] key, context in
            let version = origin.version(of: key)
            context.tags = ["tag:\(key % Plan.tags)"]
            if let pause { try await Task.sleep(for: pause) } else { await Task.yield() }
            return .value(version)
        }
        .value
    }

    private func write(_ task: Int, _ events: inout [Event], _ random: inout SplitMix64) async {
        let writers = plan.nodes * Plan.tasks
        let own = stride(from: plan.node * Plan.tasks + task, to: Plan.writtenKeys, by: writers)
        guard let key = Array(own).randomElement(using: &random) else { return }
        await change([key], &events) { versions in
            try await cache.setValue(versions[0], forKey: key)
        }
    }

    private func invalidateKeys(_ events: inout [Event], _ random: inout SplitMix64) async {
        let keys = Set((0..<3).map { _ in Int.random(in: Plan.writtenKeys..<Plan.keys, using: &random) })
        await change(Array(keys), &events) { _ in
            if keys.count == 1, let key = keys.first {
                try await cache.removeValue(forKey: key)
            } else {
                try await cache.removeValues(forKeys: keys)
            }
        }
    }

    private func invalidateTag(_ events: inout [Event], _ random: inout SplitMix64) async {
        let tag = Int.random(in: 0..<Plan.tags, using: &random)
        let keys = (Plan.writtenKeys..<Plan.keys).filter { $0 % Plan.tags == tag }
        await change(keys, &events) { _ in try await cache.removeAll(tagged: "tag:\(tag)") }
    }

    private func invalidatePattern(_ events: inout [Event], _ random: inout SplitMix64) async {
        let digits = "\(Int.random(in: 10..<100, using: &random))"
        let keys = (Plan.writtenKeys..<Plan.keys).filter { "\($0)".hasPrefix(digits) }
        guard let pattern = try? KeyPattern(digits + "*") else { return }
        await change(keys, &events) { _ in try await cache.removeAll(matching: pattern) }
    }

    private func invalidateEverything(_ events: inout [Event]) async {
        await change(Array(Plan.writtenKeys..<Plan.keys), &events) { _ in try await cache.removeAll() }
    }

    /// Raises the versions of keys, and has the nodes know; a change that failed asks nothing of reads.
    private func change(_ keys: [Int], _ events: inout [Event], _ body: ([Int]) async throws -> Void) async {
        let start = MachineTime.now
        let versions = keys.map(origin.raiseVersion)
        guard (try? await body(versions)) != nil else { return }
        let end = MachineTime.now
        for (key, version) in zip(keys, versions) {
            events.append(Event(.change, node: plan.node, key: key, version: version, start: start, end: end))
        }
    }

    // MARK: The delay

    private func changeProbe() async -> [Event] {
        var events: [Event] = []
        while (try? await Task.sleep(for: .milliseconds(70))) != nil {
            await change([Plan.probe], &events) { _ in try await cache.removeValue(forKey: Plan.probe) }
        }
        return events
    }

    private func watchProbe() async -> [Event] {
        var events: [Event] = []
        var last = 0
        while (try? await Task.sleep(for: .milliseconds(1))) != nil {
            guard let version = try? await load(Plan.probe, pause: nil), version > last else { continue }
            last = version
            events.append(
                Event(
                    .read,
                    node: plan.node,
                    key: Plan.probe,
                    version: version,
                    start: MachineTime.now,
                    end: MachineTime.now
                )
            )
        }
        return events
    }
}
