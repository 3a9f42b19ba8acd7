import Larder

/// What the workers of one scenario have told.
struct History {
    /// The last number tried of each key.
    private(set) var tried = [Int](repeating: 0, count: Scenario.keys)
    private(set) var acknowledged = [Set<Int>](repeating: [], count: Scenario.keys)
    private(set) var refused = [Set<Int>](repeating: [], count: Scenario.keys)
    /// Reads after a recovery that showed less than was acknowledged, or what nobody wrote.
    private(set) var staleReads = 0
    /// What was wrong with them, in words.
    private(set) var complaints: [String] = []
    /// What the worker was doing when it was killed.
    private(set) var killsByPhase: [String: Int] = [:]

    private var phase = "start"
    private var flushes = 0
    private var isCompacting = false
    private let scenario: Scenario

    init(_ scenario: Scenario) {
        self.scenario = scenario
    }

    mutating func beginWorker() {
        phase = "start"
        flushes = 0
        isCompacting = false
    }

    mutating func note(_ line: String) {
        let words = line.split(separator: " ")
        guard words.count > 1 else { return }
        if words[0] == "p" { return notePhase(words[1]) }
        guard words.count == 3, let key = Int(words[1]) else { return }
        let number = Int(words[2]) ?? 0
        switch words[0] {
        case "t": tried[key] = number
        case "a": acknowledged[key].insert(number)
        case "x": refused[key].insert(number)
        case "v":
            guard !isPossible(number, key) else { break }
            staleReads += 1
            let acknowledged = acknowledged[key].max() ?? 0
            complaints.append("key \(key) shows \(number), with \(acknowledged) acknowledged of \(tried[key])")
        default: break
        }
    }

    mutating func noteKill() {
        let phase = isCompacting ? "compaction" : flushes > 0 ? "flush" : phase
        killsByPhase[phase, default: 0] += 1
    }

    private mutating func notePhase(_ word: Substring) {
        switch word {
        case "opening": phase = "recovery"
        case "open": phase = "writing"
        case "flush+": flushes += 1
        case "flush-": flushes -= 1
        case "compact+": isCompacting = true
        case "compact-": isCompacting = false
        default: break
        }
    }

    /// Whether a read may show a number; 0 for nothing.
    private func isPossible(_ number: Int, _ key: Int) -> Bool {
        if key % 2 == 1 {
            // A merge that the sink took when the worker died is counted twice until the sink has told.
            return number >= acknowledged[key].count
        }
        var oldest = acknowledged[key].max() ?? 0
        if let rejected = scenario.rejectedNumbers, oldest % rejected == 0 { oldest = max(0, oldest - 1) }
        if number > 0 { return (oldest...max(oldest, tried[key])).contains(number) }
        // A deletion, or nothing yet.
        let lastDeleted = tried[key] / Scenario.deletedNumbers * Scenario.deletedNumbers
        return oldest == 0 || lastDeleted >= oldest
    }
}
