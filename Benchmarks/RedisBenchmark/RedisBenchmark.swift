import BenchmarkReport
import Foundation
import LarderRedis
import LarderTesting
import Logging
import RESP

/// Measures the client beside hiredis, with a server of its own.
///
/// Settings come from the environment: `HIREDIS`, the path of the C program; `ROUNDS`; `SECONDS` per run;
/// `ONLY`, the beginning of the names of the rows to measure; `PRECEDENCE=1` to run before all other processes.
@main
struct RedisBenchmark {
    static let environment = ProcessInfo.processInfo.environment

    static func main() async throws {
        let seconds = environment["SECONDS"].flatMap { Double($0) } ?? 0.5
        let rounds = environment["ROUNDS"].flatMap { Int($0) } ?? 3
        if environment["PRECEDENCE"] == "1" { Processors.takePrecedence() }
        Processors.move(to: 0)
        let server = try await RedisServer.start()
        Processors.move(to: 1)
        let report = Report()
        let connection = try RESPConnection(RESPConfiguration(url: server.url), logger: Logger(label: "benchmark"))
        for size in [100, 4_096] { try await fill(connection, valueBytes: size) }

        let only = environment["ONLY"] ?? ""
        for workload in Workload.all where workload.name.hasPrefix(only) {
            for _ in 0..<rounds {
                Processors.move(to: 1)
                if let hiredis = environment["HIREDIS"] {
                    report.add("hiredis_\(workload.name)", try run(hiredis, server, workload, seconds: seconds))
                }
                let run = ClientRun(connection: connection, workload: workload)
                report.add(workload.name, try await run.measure(seconds: seconds))
            }
        }
        await connection.close()
        if "small".hasPrefix(only) { try await measureLargeValues(report, server, rounds: rounds, seconds: seconds) }
        if "redis_benchmark".hasPrefix(only) {
            for _ in 0..<rounds { try runRedisBenchmark(report, server) }
        }
        exit(report.finish() ? 0 : 1)
    }

    private static func measureLargeValues(
        _ report: Report,
        _ server: RedisServer,
        rounds: Int,
        seconds: Double
    ) async throws {
        var configuration = RedisStore.Configuration(connection: try RESPConfiguration(url: server.url))
        configuration.maximumEntryBytes = 16 << 20
        let store = try RedisStore(configuration: configuration, logger: Logger(label: "benchmark"))
        for _ in 0..<rounds {
            Processors.move(to: 1)
            for besideLargeValues in [false, true] {
                let run = LargeValueRun(store: store)
                let measurement = try await run.measure(besideLargeValues: besideLargeValues, seconds: seconds)
                report.add(besideLargeValues ? "small_beside_10mib" : "small_alone", measurement)
            }
        }
        await store.shutdown()
    }

    /// The tool that comes with the server, with one connection and pipelines of 500, for comparison.
    private static func runRedisBenchmark(_ report: Report, _ server: RedisServer) throws {
        let lines = try output(
            of: "/usr/bin/env",
            ["redis-benchmark"]
                + "-p \(server.port) -c 1 -P 500 -n 300000 -d 100 -t set,get --csv".split(separator: " ")
                .map(String.init)
        )
        for line in lines.split(separator: "\n") {
            let columns = line.split(separator: ",").map { $0.trimmingPrefix("\"").prefix { $0 != "\"" } }
            guard columns.count > 1, let operations = Double(columns[1]) else { continue }
            report.add("redis_benchmark_\(columns[0].lowercased())100_500_ops", operations)
        }
    }

    private static func fill(_ connection: RESPConnection, valueBytes: Int) async throws {
        let value = [UInt8](repeating: UInt8(ascii: "z"), count: valueBytes)
        for start in stride(from: 0, to: Workload.keyCount, by: 500) {
            let commands = (start..<start + 500)
                .map { RESPCommand("SET", .bytes(Workload.key($0, valueBytes: valueBytes)), .bytes(value)) }
            _ = try await connection.execute(RESPPipeline(commands))
        }
    }

    private static func run(
        _ program: String,
        _ server: RedisServer,
        _ workload: Workload,
        seconds: Double
    ) throws -> Measurement {
        let line = try output(
            of: program,
            [
                "\(server.port)", workload.operation.rawValue, "\(workload.valueBytes)", "\(workload.tasks)",
                "\(seconds)",
            ]
        )
        guard let measurement = Measurement(line: line) else { throw CocoaError(.executableLoad) }
        return measurement
    }

    private static func output(of program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text
    }
}

extension Report {
    func add(_ name: String, _ measurement: Measurement) {
        add("\(name)_ops", measurement.operationsPerSecond)
        add("\(name)_cpu_us", measurement.cpuMicroseconds)
        add("\(name)_p50_us", measurement.p50Microseconds)
        add("\(name)_p99_us", measurement.p99Microseconds)
    }
}
