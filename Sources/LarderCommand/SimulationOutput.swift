import ArgumentParser
import CacheSimulation
import Foundation
import LarderMonitoring

/// How the results of a simulation are shown.
enum SimulationOutput: String, CaseIterable, ExpressibleByArgument {
    case table
    case json
    case svg

    func text(of results: [SimulationResult], title: String) throws -> String {
        switch self {
        case .table: Self.table(results) + "\n"
        case .json: try Self.json(results) + "\n"
        case .svg: HitRatioChart(title: title, results: results).svg
        }
    }

    /// A row for each policy, a column for each capacity, hit ratios in percent.
    private static func table(_ results: [SimulationResult]) -> String {
        var capacities: [Int] = []
        var rows: [(policy: String, cells: [String])] = []
        for result in results {
            if !capacities.contains(result.capacity) { capacities.append(result.capacity) }
            if rows.last?.policy != result.policy { rows.append((result.policy, [])) }
            rows[rows.count - 1].cells.append(String(format: "%.2f", 100 * result.hitRatio))
        }
        return TextTable.text(
            head: ["hit ratio in %"] + capacities.map(String.init),
            rows: rows.map { [$0.policy] + $0.cells }
        )
    }

    static func json(_ results: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        return String(decoding: try encoder.encode(results), as: UTF8.self)
    }
}
