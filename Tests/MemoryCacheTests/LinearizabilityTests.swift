import LarderTesting
import MemoryCache
import Testing

@Suite(.serialized) struct LinearizabilityTests {
    @Test("concurrent reads, writes and removals of a key are as if one came after the other")
    func histories() async throws {
        let seed = UInt64.random(in: .min ... .max)
        for round in 0..<300 {
            // With one key all tasks meet; a lock that leans after many reads is met as well as one that does not.
            let cache = try MemoryCache<Int, Int>(capacity: .entries(100))
            if round.isMultiple(of: 2) { for _ in 0..<100 { _ = cache.value(forKey: 1) } }
            let clock = Counter()
            let operations = await withTaskGroup(of: [History.Operation].self) { group in
                for task in 0..<4 {
                    group.addTask {
                        var random = SplitMix64(seed: seed &+ UInt64(round * 4 + task))
                        var operations: [History.Operation] = []
                        for step in 0..<6 {
                            let start = clock.add()
                            let action: History.Action
                            switch Int.random(in: 0..<10, using: &random) {
                            case 0..<5:
                                action = .read(cache.value(forKey: 1))
                            case 5..<8:
                                let value = task * 100 + step
                                cache.setValue(value, forKey: 1)
                                action = .write(value)
                            default:
                                action = .remove(cache.removeValue(forKey: 1))
                            }
                            let end = clock.add()
                            operations.append(.init(action: action, start: start, end: end))
                        }
                        return operations
                    }
                }
                return await group.reduce(into: []) { $0 += $1 }
            }
            #expect(History(operations).isLinearizable, "seed \(seed) round \(round): \(operations)")
        }
    }

    @Test("the check itself finds a history that no order explains")
    func checkFindsFaults() {
        let write = History.Operation(action: .write(1), start: 1, end: 2)
        #expect(History([write, .init(action: .read(1), start: 3, end: 4)]).isLinearizable)
        #expect(!History([write, .init(action: .read(nil), start: 3, end: 4)]).isLinearizable)
        #expect(History([write, .init(action: .read(nil), start: 1, end: 4)]).isLinearizable)
        #expect(!History([write, .init(action: .read(2), start: 1, end: 4)]).isLinearizable)
    }
}

/// What happened to one key, and when.
private struct History {
    enum Action: Hashable {
        case read(Int?)
        case write(Int)
        case remove(Int?)
    }

    struct Operation: Hashable {
        let action: Action
        let start: Int
        let end: Int
    }

    private struct Point: Hashable {
        let done: UInt64
        let value: Int?
    }

    private let operations: [Operation]

    init(_ operations: [Operation]) { self.operations = operations }

    /// Whether some order of the operations explains all results, in which none comes before one that had ended when
    /// it began (Wing and Gong, 1993).
    var isLinearizable: Bool {
        var seen: Set<Point> = []
        var open = [Point(done: 0, value: nil)]
        while let point = open.popLast() {
            if point.done.nonzeroBitCount == operations.count { return true }
            guard seen.insert(point).inserted else { continue }
            let left = operations.indices.filter { point.done & 1 << UInt64($0) == 0 }
            let firstEnd = left.map { operations[$0].end }.min() ?? 0
            for index in left where operations[index].start < firstEnd {
                let done = point.done | 1 << UInt64(index)
                switch operations[index].action {
                case .read(let value):
                    if value == point.value { open.append(Point(done: done, value: value)) }
                case .write(let value):
                    open.append(Point(done: done, value: value))
                case .remove(let value):
                    if value == point.value { open.append(Point(done: done, value: nil)) }
                }
            }
        }
        return false
    }
}
