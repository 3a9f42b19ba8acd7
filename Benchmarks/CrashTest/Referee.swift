import Foundation
import Larder
import LarderSQLite
import Logging

/// Compares what the sink took with what was acknowledged.
struct Referee {
    var acknowledged = 0
    /// Writes that were refused because the disk was full.
    var refused = 0
    /// Acknowledged writes that are neither in the sink nor among the dead letters.
    var lost = 0
    /// Writes that the sink got after a later one of their key.
    var reordered = 0
    /// Writes in the sink that nobody made, or that were refused.
    var phantom = 0
    var deadLetters = 0
    /// Writes that the sink got again, and knew by their tokens.
    var repetitions = 0
    /// What was wrong, in words.
    var complaints: [String] = []

    mutating func compare(_ history: History, _ scenario: Scenario, folder: String) async throws {
        let ledger = try Ledger(path: folder + "/sink.sqlite")
        repetitions += try ledger.repetitions()
        let journal = try SQLiteWriteJournal(path: folder + "/writes.journal", logger: Logger(label: "referee"))
        let letters = try await journal.deadLetters(after: nil, limit: 1_000_000)
        await journal.close()
        deadLetters += letters.count
        var dead = [Set<Int>](repeating: [], count: Scenario.keys)
        for letter in letters {
            let body = try JournalBody(letter.body.span.bytes, sequence: letter.number, storeKey: letter.key)
            guard let key = letter.key.description.split(separator: ":").last.flatMap({ Int($0) }) else { continue }
            dead[key].insert(try JSONDecoder().decode(Int.self, from: Data(body.value)))
        }
        for key in 0..<Scenario.keys {
            acknowledged += history.acknowledged[key].count
            refused += history.refused[key].count
            let entries = try ledger.entries(of: key)
            reordered += zip(entries, entries.dropFirst()).count { $0.sequence >= $1.sequence }
            if key % 2 == 1 {
                compareSum(entries, key, history)
            } else {
                compareNumbers(entries, key, history, dead[key], isEach: !scenario.coalesces)
            }
        }
    }

    /// Of a counter the sum has to be that of the acknowledged writes, and of none that was refused.
    private mutating func compareSum(_ entries: [Ledger.Entry], _ key: Int, _ history: History) {
        let sum = entries.reduce(0) { if case .merge(let operand) = $1.change { $0 + operand } else { $0 } }
        let atLeast = history.acknowledged[key].count
        let atMost = history.tried[key] - history.refused[key].count
        lost += max(0, atLeast - sum)
        phantom += max(0, sum - atMost)
        if !(atLeast...max(atLeast, atMost)).contains(sum) {
            complaints.append("key \(key) counted \(sum), not \(atLeast) to \(atMost)")
        }
    }

    /// Of a key that is put and deleted the numbers have to grow.
    ///
    /// Deletions do not tell theirs: between two values there have to be as many as were acknowledged, and no more than
    /// were tried.
    private mutating func compareNumbers(
        _ entries: [Ledger.Entry],
        _ key: Int,
        _ history: History,
        _ dead: Set<Int>,
        isEach: Bool
    ) {
        let deletions = stride(from: Scenario.deletedNumbers, through: history.tried[key], by: Scenario.deletedNumbers)
            .filter { !history.refused[key].contains($0) }
        var values: Set<Int> = []
        var last = 0
        var deleted = 0
        func countDeletions(upTo end: Int) -> (lost: Int, phantom: Int) {
            let possible = deletions.filter { $0 > last && $0 < end }
            let certain = isEach ? possible.count { history.acknowledged[key].contains($0) } : 0
            return (max(0, certain - deleted), max(0, deleted - possible.count))
        }
        func close(_ end: Int) {
            let (lost, phantom) = countDeletions(upTo: end)
            self.lost += lost
            self.phantom += phantom
            guard lost + phantom > 0 else { return }
            complaints.append("key \(key) has \(deleted) deletions between \(last) and \(end)")
        }
        for entry in entries {
            guard case .put(let number) = entry.change else {
                deleted += 1
                continue
            }
            if number <= last {
                reordered += 1
                complaints.append("key \(key) has \(number) after \(last)")
            }
            if number > history.tried[key] || history.refused[key].contains(number) {
                phantom += 1
                complaints.append("key \(key) has \(number), which nobody wrote")
            }
            close(number)
            values.insert(number)
            (last, deleted) = (max(last, number), 0)
        }
        close(.max)
        let found = values.union(dead)
        // What a later write swallowed is not missing: the last value, or a deletion after it.
        let newest = isEach ? 0 : max(found.max() ?? 0, deleted > 0 ? deletions.last ?? 0 : 0)
        let missing = history.acknowledged[key]
            .filter { number in
                guard isEach else { return number > newest }
                return number % Scenario.deletedNumbers != 0 && !found.contains(number)
            }
        lost += missing.count
        if !missing.isEmpty { complaints.append("key \(key) lacks \(missing.sorted())") }
    }
}
