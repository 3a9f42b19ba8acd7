public import ArgumentParser
import Foundation
import Larder
public import LarderMonitoring

/// Tells what the caches of a process did in a period.
struct Report: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reports what the caches of a running process did, with advice.",
        discussion: """
            The process serves a dashboard; the report is made of what that shows. A token that it asks for is read from \
            the environment variable LARDER_TOKEN.
            """
    )

    @Option(help: "The address of the dashboard, as in http://127.0.0.1:8080/larder, or a file with a snapshot.")
    var from: String

    @Option(help: "The period: \(StatisticsWindow.allCases.map(\.rawValue).joined(separator: ", ")).")
    var window: StatisticsWindow?

    @Option(help: "The form: \(MonitoringReport.Format.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format = MonitoringReport.Format.text

    @Option(help: "The file to write; the standard output unless given.")
    var output: String?

    func run() async throws {
        let place = SnapshotPlace(text: from)
        if window != nil, !place.isAddress {
            throw ValidationError("A file has the period over which it was taken; leave --window out.")
        }
        let report = MonitoringReport(try await place.snapshot(over: window ?? .oneHour))
        let text = Data(try report.text(format).utf8)
        guard let output else { return FileHandle.standardOutput.write(text) }
        do {
            try text.write(to: URL(filePath: output), options: .atomic)
        } catch {
            throw CommandError("'\(output)' cannot be written: \(error.localizedDescription)")
        }
    }
}

extension MonitoringReport.Format: ExpressibleByArgument {}
