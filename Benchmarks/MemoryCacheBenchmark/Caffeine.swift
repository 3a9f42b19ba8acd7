import BenchmarkReport
import Foundation

/// Caffeine, where Java and it are installed, with the very requests that our cache gets.
enum Caffeine {
    private static let command = "Benchmarks/Peers/caffeine/run"

    /// Adds the samples of the peer's command, which fails if one of the reads does not hit.
    static func measure(_ requests: [Int], _ report: Report) throws {
        guard FileManager.default.isExecutableFile(atPath: command) else {
            report.note("Left out Caffeine: run this from the root of the repository, as `make bench-l1` does.")
            return
        }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("requests-\(UUID().uuidString).u64")
        try requests.withUnsafeBytes { Data($0) }.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command)
        process.arguments = ["pool", "int"]
        process.environment = ProcessInfo.processInfo.environment.merging(["REQUESTS": file.path]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 3, words[0] == "sample", let value = Double(words[2]) {
                report.add(String(words[1]), value)
            } else {
                report.note(String(line))
            }
        }
        if process.terminationStatus != 0 { report.note("Caffeine's command failed; its figures are missing.") }
    }
}
