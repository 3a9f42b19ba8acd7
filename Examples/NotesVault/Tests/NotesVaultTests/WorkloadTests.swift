import Foundation
import Testing

@testable import NotesVault

@Suite struct WorkloadTests {
    private func vault() async throws -> TestVault {
        let notes = try SampleVault(count: 60, seed: 1).notes().map { ($0.id.rawValue, $0.source) }
        return try await TestVault(Dictionary(uniqueKeysWithValues: notes))
    }

    @Test("the same seed asks the same, another seed something else")
    func deterministic() async throws {
        let vault = try await vault().vault
        let first = try await Workload(vault: vault, count: 500, seed: 3, edits: true).operations
        #expect(try await Workload(vault: vault, count: 500, seed: 3, edits: true).operations == first)
        #expect(try await Workload(vault: vault, count: 500, seed: 4, edits: true).operations != first)
    }

    @Test("a workload without edits has none, and one with them a few percent")
    func edits() async throws {
        let vault = try await vault().vault
        func edits(_ edits: Bool) async throws -> Int {
            try await Workload(vault: vault, count: 2_000, seed: 3, edits: edits).operations
                .count {
                    if case .edit = $0 { true } else { false }
                }
        }
        #expect(try await edits(false) == 0)
        #expect((20...120).contains(try await edits(true)))
    }

    @Test("an edit leaves the note as it was, but for one last line that counts")
    func editedSource() async throws {
        let test = try await TestVault(["a": "text"])
        let id = try noteID("a")
        func workload() async throws -> Workload {
            try await Workload(vault: test.vault, count: 200, seed: 1, edits: true)
        }
        let once = try await workload().source(of: id, afterEdits: 2)
        #expect(once == "text\n\nEdited by the replay, times: 2\n")
        _ = try await test.origin.save(once, as: id)
        #expect(try await workload().source(of: id, afterEdits: 3) == "text\n\nEdited by the replay, times: 5\n")
    }

    @Test("an empty vault has nothing to replay, and says so")
    func empty() async throws {
        let test = try await TestVault()
        await #expect(throws: VaultError.self) {
            try await Workload(vault: test.vault, count: 1, seed: 1, edits: true)
        }
    }
}

@Suite struct LatencyHistogramTests {
    @Test("a quantile is at most 4 % above the true one")
    func quantiles() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        var histogram = LatencyHistogram()
        var values: [Int] = []
        for _ in 0..<5_000 {
            let value = generator.index(below: 1 << (5 + generator.index(below: 30)))
            values.append(value)
            histogram.record(.nanoseconds(value))
        }
        values.sort()
        for share in [0.01, 0.25, 0.5, 0.9, 0.99, 1] {
            let truth = Double(values[Int((Double(values.count) * share).rounded(.up)) - 1]) / 1e6
            let measured = histogram.quantile(share)
            #expect(measured >= truth * 0.999 && measured <= truth * 1.04 + 1e-6, "seed \(seed), share \(share)")
        }
    }

    @Test("an empty histogram is all zero, and adding two is counting in one")
    func adding() {
        #expect(LatencyHistogram().quantile(0.99) == 0)
        var sum = LatencyHistogram()
        var one = LatencyHistogram()
        var other = LatencyHistogram()
        for number in 1...100 {
            sum.record(.microseconds(number))
            if number % 3 == 0 { one.record(.microseconds(number)) } else { other.record(.microseconds(number)) }
        }
        one.add(other)
        #expect(one.summary == sum.summary && one.count == 100)
    }
}

@Suite struct ZipfDistributionTests {
    @Test("the first rank comes up about twice as often as the second, ten times as often as the tenth")
    func shape() {
        var generator = SeededGenerator(seed: 1)
        let distribution = ZipfDistribution(count: 1_000, exponent: 1)
        var counts = [Int](repeating: 0, count: 1_000)
        for _ in 0..<200_000 { counts[distribution.rank(using: &generator)] += 1 }
        #expect((1.8...2.2).contains(Double(counts[0]) / Double(counts[1])))
        #expect((8.5...11.5).contains(Double(counts[0]) / Double(counts[9])))
        #expect(counts[999] > 0)
    }
}

@Suite struct ReplayTableTests {
    @Test("the columns are aligned")
    func aligned() {
        func result(_ queries: Int) -> ReplayResult {
            ReplayResult(
                requests: 20_000,
                failures: 0,
                seconds: 2,
                latency: .init(p50: 0.1234, p99: 12.345, maximum: 20),
                reads: .init(p50: 0.1, p99: 5, maximum: 20),
                edits: .init(p50: 3, p99: 12, maximum: 20),
                originQueries: queries,
                memoryHits: 900,
                storeHits: 50,
                cacheReads: 1_000
            )
        }
        let lines = ReplayTable(off: result(44_000), on: result(1_234)).text.split(separator: "\n")
        #expect(Set(lines.map(\.count)).count == 1)
        #expect(lines.contains { $0.contains("p50") && $0.contains("123 us") })
        #expect(lines.contains { $0.contains("p99") && $0.contains("12.35 ms") || $0.contains("12.34 ms") })
        #expect(lines.contains { $0.contains("42 766 (97 %)") })
        #expect(lines.contains { $0.contains("90.0 %") })
    }
}
