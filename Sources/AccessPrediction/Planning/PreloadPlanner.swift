/// Decides which keys are to be loaded before they are read.
///
/// A value type without clock, lock or input: it is told of reads and of what was stored, asked what is to be loaded, and
/// keeps the score of its predictors. Moments are numbers in any unit; all must be of the same one, and none less than one
/// before.
///
/// A key is looked at when its entry expires, or when its next read gets probable, whichever is later. It is loaded if the
/// probability of a read during the life of what is loaded, times what the load costs, is worth a load, and the budget has
/// one; of those that come at the same moment the most worthy first.
package struct PreloadPlanner<Key: Hashable & Sendable>: Sendable {
    /// A key that is to be loaded.
    package struct Preload: Sendable {
        package let key: Key
        package let predictor: Predictor
        package let probability: Double
    }

    private struct Candidate {
        let place: Int
        let predictor: Predictor
        let probability: Double
        let gain: Double
        let horizon: Double
    }

    /// How often a key is looked at without being read, at most.
    private static var mostLooks: UInt8 { 8 }

    /// How many reads lie between a key and its successors, at most.
    private static var reach: Int { 4 }

    private let settings: PlannerSettings
    private var table: HistoryTable<Key>
    private var queue = MomentQueue<Int>()
    private var scores = Predictor.allCases.map { _ in PredictorScore() }
    /// The keys that were read last, the newest at the end.
    private var recent: [Key] = []
    private var candidates: [Candidate] = []
    private var typicalCost: Double?
    private var allowance: Double
    private var lastAllowance: Double
    private var misses = 0
    private var refused = 0

    /// Makes a planner that knows no keys.
    package init(_ settings: PlannerSettings = PlannerSettings(), at now: Double = 0) {
        self.settings = settings
        table = HistoryTable(capacity: settings.keys)
        allowance = max(1, settings.loadsPerUnit)
        lastAllowance = now
    }

    /// What the planner has done.
    package var statistics: PlannerStatistics {
        PlannerStatistics(scores: scores, misses: misses, refused: refused, keys: table.count)
    }

    /// When ``takePreloads(at:isFresh:)`` is to be called next.
    package var nextMoment: Double? { candidates.isEmpty ? queue.first : -.infinity }

    /// How many moments the planner keeps, for tests.
    package var waitingMoments: Int { queue.count }

    // MARK: What happens

    /// Takes note of a read.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - now: The moment.
    ///   - isMiss: Whether there was no fresh entry.
    ///   - isFresh: Whether there is a fresh entry of another key.
    package mutating func noteRead(of key: Key, at now: Double, isMiss: Bool, isFresh: (Key) -> Bool) {
        if isMiss { misses += 1 }
        let place = place(of: key, at: now)
        let wasPredicted = settle(place, at: now, isMiss: isMiss)
        table[place].arrivals.record(now - table[place].lastRead)
        table[place].lastRead = now
        table[place].looks = 0
        if let hour = settings.hour { table[place].profile.record(hour: Int((now / hour).rounded(.down))) }
        if settings.predictors.contains(.succession) {
            if isMiss || wasPredicted { noteFollower(key) }
            proposeSuccessors(of: place, at: now, isFresh)
        }
        if !isMiss { plan(place, at: now) }
    }

    /// Takes note that an entry was stored.
    ///
    /// - Parameters:
    ///   - key: The key; of no account if it was not read for long.
    ///   - now: The moment.
    ///   - freshUntil: Until when it is fresh; infinite for ever.
    ///   - cost: What its load cost, in any unit; `nil` if that is not known.
    package mutating func noteFill(of key: Key, at now: Double, freshUntil: Double, cost: Double?) {
        if let cost, cost > 0 { typicalCost = typicalCost.map { $0 + (cost - $0) / 32 } ?? cost }
        guard let place = table.place(of: key) else { return }
        table[place].freshUntil = freshUntil
        table[place].life = max(0, freshUntil - now)
        if let cost, cost > 0 { table[place].cost = table[place].cost.map { $0 + (cost - $0) / 4 } ?? cost }
        plan(place, at: now)
    }

    /// Decides which keys are to be loaded now.
    ///
    /// - Parameters:
    ///   - now: The moment.
    ///   - limit: How many at most.
    ///   - isFresh: Whether there is a fresh entry of a key that stays fresh until another moment.
    /// - Returns: The keys, the most worthy first.
    package mutating func takePreloads(
        at now: Double,
        limit: Int = .max,
        isFresh: (Key, _ until: Double) -> Bool
    ) -> [Preload] {
        while let (moment, place) = queue.popFirst(dueAt: now) {
            guard table[place].wake == moment else { continue }
            table[place].wake = .infinity
            if let prediction = table[place].prediction, prediction.until > now {
                wake(place, at: prediction.until)
            } else {
                _ = settle(place, at: now, isMiss: false)
                look(at: place, now, isFresh)
            }
        }
        guard !candidates.isEmpty else { return [] }
        allowance = min(
            max(1, settings.loadsPerUnit),
            allowance + max(0, now - lastAllowance) * settings.loadsPerUnit
        )
        lastAllowance = now
        let ranked = candidates.sorted { $0.gain > $1.gain }
        candidates.removeAll(keepingCapacity: true)
        for candidate in ranked { table[candidate.place].isCandidate = false }
        return ranked.reduce(into: []) { preloads, candidate in
            if let preload = predict(candidate, at: now, mayLoad: preloads.count < limit) { preloads.append(preload) }
        }
    }

    // MARK: Keys

    private mutating func place(of key: Key, at now: Double) -> Int {
        if let place = table.place(of: key) {
            table[place].wasReread = true
            return place
        }
        let (place, evicted) = table.insert(key, at: now)
        if let prediction = evicted?.prediction { judge(prediction, isRight: false) }
        // What was found out about the key that had the place is nothing about this one.
        candidates.removeAll { $0.place == place }
        return place
    }

    /// Sees to it that a key is looked at; at most one entry of the queue is made for each moment that is earlier than
    /// those before.
    private mutating func wake(_ place: Int, at moment: Double) {
        guard moment.isFinite, moment < table[place].wake else { return }
        table[place].wake = moment
        queue.insert(place, at: moment)
        // Moments that were put off, and those of keys that had to leave, stay in the queue until they come.
        guard queue.count > 4 * settings.keys + 64 else { return }
        queue = MomentQueue()
        for place in 0..<table.count where table[place].wake.isFinite { queue.insert(place, at: table[place].wake) }
    }

    /// Plans when to look at a key whose next read is awaited.
    private mutating func plan(_ place: Int, at now: Double) {
        let history = table[place]
        guard history.prediction == nil else { return }
        let earliest = history.arrivals.isTelling ? history.lastRead + history.arrivals.earliest : now
        let expiry = history.freshUntil - settings.leadPerCost * (history.cost ?? 0)
        let moment = expiry.isFinite ? max(expiry, earliest) : earliest
        if history.arrivals.isTelling || settings.hour != nil { wake(place, at: max(now, moment)) }
    }

    // MARK: Predictions

    private mutating func look(at place: Int, _ now: Double, _ isFresh: (Key, Double) -> Bool) {
        let history = table[place]
        let lead = settings.leadPerCost * (history.cost ?? 0)
        guard history.looks < Self.mostLooks else { return }
        table[place].looks += 1
        let horizon = history.life.isFinite && history.life > 0 ? history.life : history.arrivals.median
        let passed = now - history.lastRead
        // Later the read may have become probable, as long as it is not overdue.
        func lookLater() {
            guard history.arrivals.isTelling, passed < history.arrivals.latest else { return }
            wake(place, at: now + max(horizon / 2, history.arrivals.earliest - passed))
        }
        guard !isFresh(history.key, now + lead) else {
            guard history.freshUntil.isFinite else { return lookLater() }
            return wake(place, at: max(history.freshUntil - lead, now + horizon / 64))
        }
        var best: (predictor: Predictor, probability: Double)?
        func consider(_ predictor: Predictor, _ probability: Double) {
            guard settings.predictors.contains(predictor), probability > best?.probability ?? 0 else { return }
            best = (predictor, probability)
        }
        consider(.arrival, history.arrivals.probability(from: passed, to: passed + horizon))
        if let hour = settings.hour {
            consider(.timeOfDay, history.profile.probability(from: now / hour, to: (now + horizon) / hour))
        }
        if let best, propose(place, best.predictor, best.probability, horizon) { return }
        lookLater()
        if let hour = settings.hour,
            let next = history.profile.nextHour(after: now / hour, withShare: settings.breakEven)
        {
            wake(place, at: next * hour)
        }
    }

    private mutating func noteFollower(_ key: Key) {
        for other in recent where other != key {
            guard let place = table.place(of: other) else { continue }
            table[place].successors.noteFollower(key)
        }
    }

    private mutating func proposeSuccessors(of place: Int, at now: Double, _ isFresh: (Key) -> Bool) {
        let key = table[place].key
        if recent.last != key {
            recent.removeAll { $0 == key }
            if recent.count == Self.reach { recent.removeFirst() }
            recent.append(key)
        }
        for number in table[place].successors.all.indices {
            let successor = table[place].successors.all[number]
            guard !isFresh(successor.key) else { continue }
            table[place].successors.noteChance(of: number)
            guard let next = table.place(of: successor.key), mayPredict(next, .succession) else { continue }
            let life = table[next].life
            let horizon = life.isFinite && life > 0 ? life : max(table[next].arrivals.median, Double(Self.reach))
            _ = propose(next, .succession, successor.probability, horizon)
        }
    }

    /// Whether nothing is predicted of a key but on trial, where the predictor would load.
    private func mayPredict(_ place: Int, _ predictor: Predictor) -> Bool {
        guard let prediction = table[place].prediction else { return true }
        return prediction.isTrial && scores[predictor.rawValue].isOn
    }

    /// Makes a candidate of a key if that is worth a load.
    private mutating func propose(_ place: Int, _ predictor: Predictor, _ probability: Double, _ horizon: Double)
        -> Bool
    {
        let weight = (table[place].cost ?? typicalCost ?? 1) / (typicalCost ?? 1)
        let gain = probability * weight
        guard gain > settings.breakEven, !table[place].isCandidate else { return false }
        table[place].isCandidate = true
        candidates.append(
            Candidate(place: place, predictor: predictor, probability: probability, gain: gain, horizon: horizon)
        )
        return true
    }

    /// Predicts that a key will be read, and has it loaded if its predictor has leave to and the budget allows it.
    private mutating func predict(_ candidate: Candidate, at now: Double, mayLoad: Bool) -> Preload? {
        let score = scores[candidate.predictor.rawValue]
        if score.isOn, allowance < 1 || !mayLoad {
            refused += 1
            return nil
        }
        let expiry = table[candidate.place].freshUntil
        let from = expiry.isFinite ? max(now, expiry) : now
        let until = from + candidate.horizon
        table[candidate.place].prediction = Prediction(
            predictor: candidate.predictor,
            from: from,
            until: until,
            isTrial: !score.isOn
        )
        wake(candidate.place, at: until)
        guard score.isOn else { return nil }
        allowance -= 1
        scores[candidate.predictor.rawValue].noteLoad()
        return Preload(
            key: table[candidate.place].key,
            predictor: candidate.predictor,
            probability: candidate.probability
        )
    }

    /// Judges the prediction of a key, if it has come due.
    ///
    /// - Returns: Whether a load was there in time for a read.
    private mutating func settle(_ place: Int, at now: Double, isMiss: Bool) -> Bool {
        guard let prediction = table[place].prediction, now >= prediction.from else { return false }
        table[place].prediction = nil
        guard now < prediction.until else {
            judge(prediction, isRight: false)
            return false
        }
        if prediction.isTrial {
            // Somebody else loaded it: nothing is known.
            if isMiss { judge(prediction, isRight: true) }
            return false
        }
        judge(prediction, isRight: !isMiss)
        return !isMiss
    }

    private mutating func judge(_ prediction: Prediction, isRight: Bool) {
        scores[prediction.predictor.rawValue]
            .judge(isRight, isTrial: prediction.isTrial, leastPrecision: settings.leastPrecision)
    }
}
