public import ArgumentParser
public import CacheSimulation

extension TraceFormat: ExpressibleByArgument {}

/// Policies as they are written in an argument.
struct PolicyList: ExpressibleByArgument {
    static let names = PolicyName.allCases.map(\.rawValue).joined(separator: ", ")

    let names: [PolicyName]

    init(_ names: [PolicyName]) { self.names = names }

    init?(argument: String) {
        if argument == "all" {
            names = PolicyName.allCases
            return
        }
        let parsed = argument.split(separator: ",").map { PolicyName(rawValue: $0.lowercased()) }
        guard !parsed.isEmpty, !parsed.contains(nil) else { return nil }
        var seen: Set<PolicyName> = []
        names = parsed.compactMap { $0 }.filter { seen.insert($0).inserted }
    }

    var defaultValueDescription: String { names.map(\.rawValue).joined(separator: ",") }
}

/// Capacities as they are written in an argument.
struct CapacityList: ExpressibleByArgument {
    let capacities: [Capacity]

    /// Whether a capacity is a percentage, for which the trace has to be counted.
    var needTotal: Bool {
        capacities.contains { capacity in
            if case .percentage = capacity { true } else { false }
        }
    }

    init(_ capacities: [Capacity]) { self.capacities = capacities }

    init?(argument: String) {
        let parsed = argument.split(separator: ",").map { try? Capacity(String($0)) }
        guard !parsed.isEmpty, !parsed.contains(nil) else { return nil }
        capacities = parsed.compactMap { $0 }
    }

    var defaultValueDescription: String { "1%,5%,10%,25%,50%" }
}

/// The options that name the columns of a CSV file.
struct SimulateColumns: ParsableArguments {
    @Option(help: "The column of the keys.")
    var keyColumn: String?

    @Option(help: "The column of the weights.")
    var weightColumn: String?

    @Option(help: "The column of the times, in seconds.")
    var timeColumn: String?

    @Option(help: "The column of the lifetimes, in seconds.")
    var ttlColumn: String?

    var columns: TraceColumns {
        TraceColumns(key: keyColumn, weight: weightColumn, time: timeColumn, timeToLive: ttlColumn)
    }
}
