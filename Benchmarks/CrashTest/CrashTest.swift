import Foundation

/// Kills processes that write to a write-behind cache, at random moments, and shows that nothing acknowledged is lost.
///
/// Prints a table, and as the last line `RESULT` and a JSON object. Exits with 1 if a promise was broken.
@main
enum CrashTest {
    static func main() async throws {
        let arguments = CommandLine.arguments
        if arguments.count == 5, let scenario = Scenario(rawValue: arguments[2]) {
            let next = arguments[4].split(separator: ",").compactMap { Int($0) }
            let worker = Worker(scenario: scenario, folder: arguments[3], next: next)
            return arguments[1] == "drain" ? try await worker.drain() : try await worker.run()
        }
        guard arguments.count <= 2, let kills = Int(arguments.count == 2 ? arguments[1] : "300"), kills > 0 else {
            print("usage: crash-test [KILLS]")
            exit(64)
        }
        let isSound = try await run(kills: kills, seed: .random(in: 0...UInt64.max))
        exit(isSound ? 0 : 1)
    }

    private static func run(kills: Int, seed: UInt64) async throws -> Bool {
        print("Killing \(kills) workers; the seed of the moments is \(seed).")
        var generator = Moments(seed: seed)
        var referee = Referee()
        var staleReads = 0
        var killsByPhase: [String: Int] = [:]
        var done = 0
        print(
            row([
                "scenario", "kills", "acknowledged", "refused", "lost", "reordered", "phantom", "dead letters",
                "repeated",
            ])
        )
        for (index, scenario) in Scenario.allCases.enumerated() {
            let share = kills * (index + 1) / Scenario.allCases.count - done
            let (history, verdict) = try await run(scenario, kills: share, &generator)
            done += share
            staleReads += history.staleReads
            killsByPhase.merge(history.killsByPhase, uniquingKeysWith: +)
            referee += verdict
            print(row([scenario.rawValue, "\(share)"] + verdict.figures))
            for complaint in (history.complaints + verdict.complaints).prefix(10) { print("  Broken: \(complaint)") }
        }
        print(row(["all", "\(done)"] + referee.figures))
        print("Killed while: " + killsByPhase.sorted { $0.key < $1.key }.map { "\($0) \($1)" }.joined(separator: ", "))
        print("Reads after a recovery that showed what they should not: \(staleReads)")
        let result: [String: Int] = [
            "kills": done, "acknowledged": referee.acknowledged, "refused": referee.refused, "lost": referee.lost,
            "reordered": referee.reordered, "phantom": referee.phantom, "dead_letters": referee.deadLetters,
            "repetitions": referee.repetitions, "stale_reads": staleReads,
        ]
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        print("RESULT \(String(decoding: try encoder.encode(result), as: UTF8.self))")
        return referee.lost + referee.reordered + referee.phantom + staleReads == 0 && referee.acknowledged > 0
    }

    private static func run(
        _ scenario: Scenario,
        kills: Int,
        _ generator: inout Moments
    ) async throws -> (History, Referee) {
        let folder = NSTemporaryDirectory() + "/larder-crash-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var history = History(scenario)
        for _ in 0..<kills {
            let next = history.tried.map { "\($0 + 1)" }.joined(separator: ",")
            let worker = try WorkerProcess(["work", scenario.rawValue, folder, next])
            history.beginWorker()
            // One kill of four strikes the recovery, the others what comes after it.
            let trigger = Int.random(in: 0..<4, using: &generator) == 0 ? "p opening" : "p open"
            let longest = trigger == "p opening" ? 4_000 : 60_000
            let delay = Duration.microseconds(Int.random(in: 0...longest, using: &generator))
            while let line = worker.nextLine() {
                history.note(line)
                if line == trigger { worker.kill(after: delay) }
            }
            history.noteKill()
            guard worker.status() == SIGKILL else { throw WorkerFailure(description: "A worker ended by itself.") }
        }
        let drain = try WorkerProcess(["drain", scenario.rawValue, folder, "0"])
        var isDrained = false
        while let line = drain.nextLine() { isDrained = isDrained || line == "drained" }
        guard drain.status() == 0, isDrained else { throw WorkerFailure(description: "The drain failed.") }
        var referee = Referee()
        try await referee.compare(history, scenario, folder: folder)
        return (history, referee)
    }

    private static func row(_ cells: [String]) -> String {
        cells.map { $0.padding(toLength: 14, withPad: " ", startingAt: 0) }.joined()
    }
}

/// A worker that did not do as it was told.
struct WorkerFailure: Error, CustomStringConvertible {
    let description: String
}

extension Referee {
    var figures: [String] {
        [acknowledged, refused, lost, reordered, phantom, deadLetters, repetitions].map(String.init)
    }

    static func += (left: inout Referee, right: Referee) {
        left.acknowledged += right.acknowledged
        left.refused += right.refused
        left.lost += right.lost
        left.reordered += right.reordered
        left.phantom += right.phantom
        left.deadLetters += right.deadLetters
        left.repetitions += right.repetitions
    }
}

/// Random numbers that are the same for the same seed.
private struct Moments: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
