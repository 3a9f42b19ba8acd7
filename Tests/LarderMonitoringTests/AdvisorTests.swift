import Testing

@testable import LarderMonitoring

@Suite struct AdvisorTests {
    /// A namespace about which there is nothing to say.
    private func namespace(_ change: (inout SnapshotNamespace) -> Void = { _ in }) -> SnapshotNamespace {
        var recent = SnapshotCounts()
        recent.memoryHits = 800
        recent.misses = 200
        recent.missReasons = ["cold": 100, "expired": 100]
        recent.entries = 1_000
        var latencies = SnapshotLatencies()
        latencies.origin.count = 200
        latencies.origin.mean = 0.05
        var namespace = SnapshotNamespace(
            name: "users",
            settings: .init(
                capacity: 1_000,
                unit: "entries",
                timeToLive: 300,
                grace: 0,
                refreshesAhead: false,
                hasStore: false
            ),
            total: recent,
            recent: recent,
            latencies: latencies,
            hottestKeys: [],
            curve: [],
            lifetimes: [],
            findings: []
        )
        change(&namespace)
        return namespace
    }

    private func advice(_ change: (inout SnapshotNamespace) -> Void) -> [Advice] {
        Advisor.advice(on: namespace(change))
    }

    @Test("nothing is advised where there is nothing to say")
    func nothing() {
        #expect(advice { _ in }.isEmpty)
    }

    @Test("twice the capacity is advised with the hit ratio it would bring and the misses it would spare")
    func moreCapacity() throws {
        let advice = try #require(
            advice {
                $0.curve = [(500, 0.6), (1_000, 0.7), (2_000, 0.85)].map { .init(capacity: $0, hitRatio: $1) }
            }
            .first
        )
        #expect(advice.kind == .capacity)
        #expect(abs((advice.gain ?? 0) - 0.15) < 1e-9)
        #expect(advice.text.contains("Twice the capacity, 2,000 entries"))
        #expect(advice.text.contains("85.0 % of the reads instead of 70.0 %"))
        #expect(advice.text.contains("150 misses and 7.5 s of loading fewer"))
    }

    @Test("half the capacity is advised where that costs nothing, and only if what there is gets used")
    func lessCapacity() throws {
        let flat = [(500, 0.7), (1_000, 0.7), (2_000, 0.701)]
            .map {
                SnapshotNamespace.CurvePoint(capacity: $0, hitRatio: $1)
            }
        let advice = try #require(advice { $0.curve = flat }.first)
        #expect(advice.kind == .capacity)
        #expect(advice.gain == nil)
        #expect(advice.text.contains("Half the capacity, 500 entries"))
        #expect(
            self.advice {
                $0.curve = flat
                $0.recent.entries = 400
            }
            .isEmpty
        )
    }

    @Test("the shortest lifetime that brings nearly all there is to gain is advised, with what it brings")
    func lifetime() throws {
        let advice = try #require(
            advice {
                $0.lifetimes = [(0.5, 1.8), (1, 1), (2, 0.6), (4, 0.2), (8, 0.1), (16, 0.1)]
                    .map { .init(factor: $0, expirations: $1) }
            }
            .first
        )
        #expect(advice.kind == .lifetime)
        // A tenth of the reads missed by expiry, and four fifths of these would be spared.
        #expect(abs((advice.gain ?? 0) - 0.08) < 1e-9)
        #expect(advice.text.contains("20 min instead of 5 min"))
        #expect(advice.text.contains("88.0 % of the reads instead of 80.0 %"))
    }

    @Test("a longer lifetime is not advised where few reads miss by expiry")
    func lifetimeOfNoUse() {
        let advice = advice {
            $0.lifetimes = [.init(factor: 1, expirations: 1), .init(factor: 2, expirations: 0)]
            $0.recent.missReasons = ["cold": 195, "expired": 5]
        }
        #expect(advice.isEmpty)
    }

    @Test("a hot key is to be refreshed ahead, unless it is already")
    func hotKey() throws {
        let hot = [SnapshotHotKey(namespace: "users", key: "42", reads: 400, share: 0.4)]
        let advice = try #require(advice { $0.hottestKeys = hot }.first)
        #expect(advice.kind == .hotKey)
        #expect(advice.text.contains("42 makes up 40.0 %"))
        #expect(
            self.advice {
                $0.hottestKeys = hot
                $0.settings.refreshesAhead = true
            }
            .isEmpty
        )
    }

    @Test("settings that hurt each other are told, those that the cache finds and a grace shorter than the lifetime")
    func configuration() {
        let texts =
            advice {
                $0.settings.grace = 60
                $0.findings = [.init(settings: ["jitter"], message: "entries expire together.")]
            }
            .map(\.text)
        #expect(texts.count == 2)
        #expect(texts[0] == "jitter: entries expire together.")
        #expect(texts[1].contains("gone 60 s after they expire"))
        #expect(advice { $0.settings.grace = 300 }.isEmpty)
    }

    @Test("failures that no stale copy stood in for, refusals and unusable entries are told with their numbers")
    func failures() throws {
        let advice = try #require(
            advice {
                $0.recent.loads = 100
                $0.recent.failedLoads = 30
                $0.recent.refusedLoads = 7
                $0.recent.undecodable = ["schema": 3, "checksum": 2]
            }
            .first
        )
        #expect(advice.kind == .failures)
        #expect(advice.text.contains("30 of 100 loads failed"))
        #expect(advice.text.contains("7 loads were refused"))
        #expect(advice.text.contains("5 entries of the store could not be used (checksum, schema)"))
    }

    @Test("what brings most reads more comes first, over all namespaces")
    func order() {
        let curve = [(500, 0.6), (1_000, 0.7), (2_000, 0.8)]
            .map {
                SnapshotNamespace.CurvePoint(capacity: $0, hitRatio: $1)
            }
        let small = namespace {
            $0.name = "small"
            $0.curve = curve
        }
        let large = namespace {
            $0.name = "large"
            $0.curve = curve
            $0.recent.memoryHits = 100_000
        }
        #expect(Advisor.advice(on: [small, large]).map(\.namespace) == ["large", "small"])
    }

    @Test("between its points the curve is a straight line, and beyond its ends it says nothing")
    func interpolation() {
        let namespace = namespace {
            $0.curve = [.init(capacity: 100, hitRatio: 0.2), .init(capacity: 200, hitRatio: 0.4)]
        }
        #expect(abs((namespace.expectedHitRatio(atCapacity: 150) ?? 0) - 0.3) < 1e-9)
        #expect(namespace.expectedHitRatio(atCapacity: 200) == 0.4)
        #expect(namespace.expectedHitRatio(atCapacity: 99) == nil)
        #expect(namespace.expectedHitRatio(atCapacity: 201) == nil)
    }
}
