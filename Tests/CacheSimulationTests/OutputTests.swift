import CacheSimulation
import Foundation
import Testing

@Suite struct OutputTests {
    @Test("capacities are numbers of 1 or more, or percentages", arguments: ["0", "-1", "x", "0%", "101%", "", "1.5"])
    func invalidCapacities(_ text: String) {
        #expect(throws: SimulationError.self) { try Capacity(text) }
    }

    @Test("percentages are of the distinct keys, and at least one entry")
    func capacities() throws {
        #expect(try Capacity("1_000").resolved(total: 7) == 1_000)
        #expect(try Capacity("2.5%").resolved(total: 1_000) == 25)
        #expect(try Capacity("5%").resolved(total: 3) == 1)
    }

    @Test("a result has exactly the four fields that readers of the JSON know")
    func json() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let result = SimulationResult(policy: "lru", capacity: 10, requests: 100, hits: 50)
        let text = String(decoding: try encoder.encode([result]), as: UTF8.self)
        #expect(text == #"[{"capacity":10,"hits":50,"policy":"lru","requests":100}]"#)
    }

    @Test("a chart is XML with a line and a label for each policy, also of one point")
    func chart() throws {
        let results = [
            SimulationResult(policy: "lru", capacity: 10, requests: 100, hits: 50),
            SimulationResult(policy: "lru", capacity: 100, requests: 100, hits: 70),
            SimulationResult(policy: "larder", capacity: 10, requests: 100, hits: 50),
        ]
        for results in [results, Array(results.prefix(1))] {
            let svg = HitRatioChart(title: "a < b & c", results: results).svg
            let names = Set(results.map(\.policy))
            #expect(svg.hasPrefix("<svg "))
            #expect(svg.contains("a &lt; b &amp; c"))
            #expect(!svg.contains("nan"))
            for name in names { #expect(svg.contains(">\(name)</text>")) }
        }
    }
}
