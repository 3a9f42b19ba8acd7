import LarderTesting
import Testing

@testable import Larder

@Suite("DependencyGraph")
struct DependencyGraphTests {
    @Test("an invalidation reaches everything that was derived from it, cycles included, each once")
    func closure() throws {
        var graph = DependencyGraph<String>()
        try graph.setSources(of: "page", to: ["note", "author"])
        try graph.setSources(of: "site", to: ["page", "note"])
        try graph.setSources(of: "note", to: ["site", "note"])
        #expect(try graph.closure(of: ["author"]) == ["author", "page", "site", "note"])
        #expect(try graph.closure(of: ["note", "note"]).sorted() == ["note", "page", "site"])
        #expect(try graph.closure(of: ["nothing"]) == ["nothing"])
        #expect(try graph.closure(of: []).isEmpty)
    }

    @Test("a cycle of 10,000 is reached once each, without recursion")
    func longCycle() throws {
        var graph = DependencyGraph<Int>()
        for number in 0..<10_000 { try graph.setSources(of: (number + 1) % 10_000, to: [number]) }
        var reached: [Int] = []
        let time = try ContinuousClock().measure { reached = try graph.closure(of: [7]) }
        #expect(reached.count == 10_000 && Set(reached).count == 10_000)
        #expect(time < .seconds(1))
    }

    @Test("edges end with the derived entry, and not with the source")
    func removal() throws {
        var graph = DependencyGraph<String>()
        try graph.setSources(of: "b", to: ["a"])
        try graph.setSources(of: "c", to: ["b"])
        graph.remove("a")
        #expect(try graph.closure(of: ["a"]) == ["a", "b", "c"])
        graph.remove("c")
        #expect(try graph.closure(of: ["a"]) == ["a", "b"])
        try graph.setSources(of: "b", to: ["x"])
        #expect(try graph.closure(of: ["a"]) == ["a"])
        graph.remove("b")
        #expect(graph.edgeCount == 0)
    }

    @Test("a bound that is reached is an error that says so, and leaves no half of an entry's edges")
    func bounds() throws {
        var limits = DependencyGraph<Int>.Limits()
        limits.edges = 10
        limits.sources = 4
        limits.dependents = 5
        var graph = DependencyGraph<Int>(limits: limits)
        try graph.setSources(of: 0, to: 1...4)
        #expect(throws: CacheError.self) { try graph.setSources(of: 0, to: 1...5) }
        #expect(graph.edgeCount == 0)
        for number in 1...10 { try graph.setSources(of: number, to: [0]) }
        let error = #expect(throws: CacheError.self) { try graph.setSources(of: 11, to: [0]) }
        #expect(error?.code == .tooManyDependents)
        #expect(throws: CacheError.self) { try graph.closure(of: [0]) }
        for number in 6...10 { graph.remove(number) }
        #expect(try graph.closure(of: [0]).count == 6)
    }

    @Test("agrees with a model that follows edges until nothing changes")
    func model() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        var graph = DependencyGraph<Int>()
        var model: [Int: Set<Int>] = [:]
        for _ in 0..<2_000 {
            let derived = Int.random(in: 0..<12, using: &random)
            if Int.random(in: 0..<3, using: &random) == 0 {
                graph.remove(derived)
                model[derived] = nil
            } else {
                let sources = Set(
                    (0..<Int.random(in: 0...3, using: &random)).map { _ in Int.random(in: 0..<12, using: &random) }
                )
                try graph.setSources(of: derived, to: sources)
                model[derived] = sources.subtracting([derived])
            }
            let root = Int.random(in: 0..<12, using: &random)
            var expected: Set = [root]
            while true {
                let more = model.filter { !$0.value.isDisjoint(with: expected) }.keys
                guard !expected.isSuperset(of: more) else { break }
                expected.formUnion(more)
            }
            let reached = try graph.closure(of: [root])
            #expect(Set(reached) == expected && reached.count == expected.count, "The seed is \(seed).")
            #expect(graph.edgeCount == model.values.reduce(0) { $0 + $1.count }, "The seed is \(seed).")
        }
    }
}
