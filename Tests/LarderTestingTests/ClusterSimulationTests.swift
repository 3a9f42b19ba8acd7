import Larder
import LarderTesting
import Testing

@Suite("ClusterSimulation")
struct ClusterSimulationTests {
    @Test("finds nothing wrong with the protocol as it is")
    func complete() throws {
        var answered = 0
        for seed in UInt64(0)..<500 {
            var cluster = ClusterSimulation(seed: seed)
            try cluster.run()
            answered += cluster.answered
        }
        #expect(answered > 10_000)
    }

    @Test("finds what each fence is good for", arguments: Fences.all.map(\.name))
    func fences(name: String) throws {
        let fence = try #require(Fences.all.first { $0.name == name }?.fence)
        for seed in UInt64(0)..<1_000 {
            var cluster = ClusterSimulation(seed: seed, fences: .complete.subtracting(fence))
            do { try cluster.run() } catch { return }
        }
        Issue.record("Without \(name) nothing went wrong in 1,000 seeds.")
    }
}
