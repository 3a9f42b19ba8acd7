import AccessPrediction
import LarderTesting
import Testing

@Suite struct PredictionTests {
    @Test("the next read is expected after the gaps of late, and not when it is long overdue")
    func arrivals() {
        var arrivals = ArrivalTimes()
        arrivals.record(1_000)
        #expect(arrivals.probability(from: 0, to: 1e9) == 0, "one gap tells nothing")
        for _ in 0..<10 { arrivals.record(1_000) }
        #expect(arrivals.probability(from: 500, to: 800) < 0.01)
        #expect(arrivals.probability(from: 900, to: 1_100) > 0.95)
        for _ in 0..<60 { arrivals.record(10) }
        #expect(abs(arrivals.median - 10) < 1, "old gaps fade")
        #expect(arrivals.probability(from: 5, to: 15) > 0.9)
        #expect(arrivals.probability(from: 100_000, to: 200_000) == 0)
    }

    @Test("hours at which a key is read day by day become a habit, and are forgotten after a week without")
    func days() {
        var profile = DayProfile()
        for day in 0..<5 {
            profile.record(hour: day * 24 + 9)
            profile.record(hour: day * 24 + 9)
        }
        #expect(profile.probability(from: 5 * 24 + 9, to: 5 * 24 + 10) > 0.7)
        #expect(profile.probability(from: 5 * 24 + 15, to: 5 * 24 + 17) == 0)
        #expect(profile.nextHour(after: 121.5, withShare: 0.5) == 129.0)
        #expect(profile.nextHour(after: 129.5, withShare: 0.5) == 153.0)
        profile.record(hour: 12 * 24 + 20)
        #expect(profile.probability(from: 13 * 24 + 9, to: 13 * 24 + 10) < 0.15)
    }

    @Test("a key that always follows stays among four successors, whatever else comes between")
    func successors() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        var successors = Successors<Int>()
        for _ in 0..<500 {
            if let place = successors.all.firstIndex(where: { $0.key == 7 }) { successors.noteChance(of: place) }
            successors.noteFollower(7)
            successors.noteFollower(Int.random(in: 100..<10_000, using: &random))
        }
        #expect(successors.all.count <= 4)
        #expect(successors.all.first { $0.key == 7 }?.probability ?? 0 > 0.9, "seed \(seed)")
    }

    /// Reads some keys at even distances, each with a life of its own, and loads what a planner wants to have loaded.
    private func read(
        _ planner: inout PreloadPlanner<Int>,
        _ keys: Range<Int>,
        every distance: Double,
        life: Double,
        rounds: Int,
        from start: Double = 0
    ) -> (misses: Int, loads: Int, end: Double) {
        var freshUntil: [Int: Double] = [:]
        var (misses, loads, now) = (0, 0, start)
        func loadAhead(until end: Double) {
            while let next = planner.nextMoment, next <= end {
                now = max(now, next)
                for preload in planner.takePreloads(at: now, isFresh: { freshUntil[$0] ?? 0 > $1 }) {
                    loads += 1
                    freshUntil[preload.key] = now + life
                    planner.noteFill(of: preload.key, at: now, freshUntil: now + life, cost: 1)
                }
            }
            now = max(now, end)
        }
        for round in 0..<rounds {
            for key in keys {
                loadAhead(until: start + Double(round) * distance + Double(key) * distance / Double(keys.count))
                let isMiss = freshUntil[key] ?? 0 <= now
                planner.noteRead(of: key, at: now, isMiss: isMiss) { freshUntil[$0] ?? 0 > now }
                guard isMiss else { continue }
                misses += 1
                freshUntil[key] = now + life
                planner.noteFill(of: key, at: now, freshUntil: now + life, cost: 1)
            }
        }
        return (misses, loads, now)
    }

    @Test("keys that are read at even distances are loaded in time, once the predictor has shown that it is right")
    func regular() {
        var settings = PlannerSettings()
        settings.predictors = [.arrival]
        var planner = PreloadPlanner<Int>(settings)
        let (misses, loads, _) = read(&planner, 0..<20, every: 100, life: 60, rounds: 100)
        let statistics = planner.statistics
        #expect(statistics.scores[Predictor.arrival.rawValue].isOn)
        #expect(misses < 200)
        #expect(loads > 1_800)
        #expect(statistics.precision > 0.98)
        #expect(statistics.recall > 0.9)
        #expect(statistics.loadsPerAvoidedMiss < 1.03)
    }

    @Test("no more is loaded than the budget has, however much is predicted")
    func budget() {
        var settings = PlannerSettings()
        settings.predictors = [.arrival]
        settings.loadsPerUnit = 0.05
        var planner = PreloadPlanner<Int>(settings)
        let (_, loads, end) = read(&planner, 0..<20, every: 100, life: 60, rounds: 200)
        #expect(loads > 500)
        #expect(Double(loads) <= 0.05 * end + 1)
        #expect(planner.statistics.refused > 500)
    }

    @Test("a predictor that is not right any more switches itself off, and on again when it is")
    func switchingOff() {
        var settings = PlannerSettings()
        settings.predictors = [.arrival]
        var planner = PreloadPlanner<Int>(settings)
        func score() -> PredictorScore { planner.statistics.scores[Predictor.arrival.rawValue] }
        var end = read(&planner, 0..<20, every: 100, life: 60, rounds: 50).end
        #expect(score().isOn)
        // Nobody reads on: what is predicted of each of many keys turns out wrong.
        for round in 1..<30 {
            let keys = round * 20..<(round + 1) * 20
            end = read(&planner, keys, every: 100, life: 60, rounds: 4, from: end).end
            while let next = planner.nextMoment, next <= end + 1_000 {
                end = max(end, next)
                _ = planner.takePreloads(at: end) { _, _ in false }
            }
            end += 1_000
        }
        #expect(score().switchedOff >= 1)
        #expect(!score().isOn)
        #expect(score().wasted < 300, "nothing more is loaded once it is off")
        end = read(&planner, 0..<20, every: 100, life: 60, rounds: 60, from: end + 100).end
        #expect(score().isOn)
    }

    @Test("what is loaded together with others comes in the order of what it saves")
    func order() {
        var settings = PlannerSettings()
        settings.predictors = [.arrival]
        settings.loadsPerUnit = 1e-9
        var planner = PreloadPlanner<Int>(settings)
        _ = read(&planner, 0..<20, every: 100, life: 60, rounds: 50)
        let before = planner.statistics
        #expect(before.loads <= 1)
        #expect(before.refused > 100)
    }

    @Test("memory is bounded, whatever is read")
    func bounds() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        var settings = PlannerSettings()
        settings.keys = 100
        settings.hour = 3_600
        var planner = PreloadPlanner<Int>(settings)
        var now = 0.0
        for number in 0..<20_000 {
            now += Double.random(in: 0..<10, using: &random)
            let key = number % 2 == 0 ? number : Int.random(in: 0..<150, using: &random)
            planner.noteRead(of: key, at: now, isMiss: true) { _ in false }
            planner.noteFill(of: key, at: now, freshUntil: now + 86_400, cost: 1)
            _ = planner.takePreloads(at: now) { _, _ in false }
        }
        #expect(planner.statistics.keys == 100)
        #expect(planner.waitingMoments <= 4 * 100 + 64, "seed \(seed)")
    }
}
