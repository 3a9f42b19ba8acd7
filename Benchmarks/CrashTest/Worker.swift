import Foundation
import Larder
import LarderSQLite
import Logging

/// The process that is killed: it writes to a write-behind cache, and tells on its output what it tries and what was
/// acknowledged.
///
/// | line | meaning |
/// |---|---|
/// | `p opening`, `p open` | the recovery begins, and has ended |
/// | `v KEY VALUE` | what a read shows after the recovery; `-` for nothing |
/// | `t KEY NUMBER` | a write is about to be made |
/// | `a KEY NUMBER` | it was acknowledged |
/// | `x KEY NUMBER` | it was refused |
/// | `p flush+`, `p flush-`, `p compact+`, `p compact-` | a call of the sink, a compaction, begins and ends |
struct Worker {
    let scenario: Scenario
    let folder: String
    /// The number of the next write of each key.
    let next: [Int]

    func run() async throws {
        tell("p opening")
        let opened = try await open(sinkFaults: scenario)
        tell("p open")
        for key in 0..<Scenario.keys {
            let value = try await opened.cache.value(forKey: key) { try opened.sink.value(of: $0) }
            tell("v \(key) \(value.map(String.init) ?? "-")")
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await opened.cache.run() }
            group.addTask {
                while true {
                    try await Task.sleep(for: .milliseconds(Int.random(in: 5...40)))
                    tell("p compact+")
                    // The disk may be full.
                    try? await opened.journal.compact()
                    tell("p compact-")
                }
            }
            for key in 0..<Scenario.keys {
                group.addTask { try await write(key, from: next[key], to: opened.cache) }
            }
            try await group.waitForAll()
        }
    }

    /// Hands everything to the sink that is left, and ends.
    func drain() async throws {
        let opened = try await open(sinkFaults: nil)
        let run = Task { try await opened.cache.run() }
        try await opened.cache.flush()
        run.cancel()
        try await run.value
        tell("drained")
    }

    private func write(_ key: Int, from first: Int, to cache: WriteBehindCache<Int, Int>) async throws {
        var number = first
        while true {
            tell("t \(key) \(number)")
            do {
                switch Scenario.change(number, of: key) {
                case .put(let value): try await cache.setValue(value, forKey: key)
                case .delete: try await cache.removeValue(forKey: key)
                case .merge(let operand): try await cache.mergeValue(operand, forKey: key)
                }
                tell("a \(key) \(number)")
            } catch let error as CacheError where error.code == .journalUnavailable {
                tell("x \(key) \(number)")
                try await Task.sleep(for: .milliseconds(1))
            }
            number += 1
        }
    }

    private func open(
        sinkFaults: Scenario?
    ) async throws -> (cache: WriteBehindCache<Int, Int>, journal: SQLiteWriteJournal, sink: LedgerSink) {
        let logger = Logger(label: "worker") { _ in SwiftLogNoOpLogHandler() }
        let caches = try CacheSystem(logger: logger)
        let sink = try LedgerSink(path: folder + "/sink.sqlite", scenario: sinkFaults, tell: tell)
        let journal = try SQLiteWriteJournal(
            path: folder + "/writes.journal",
            configuration: scenario.journal,
            logger: logger
        )
        let cache = try await WriteBehindCache(
            caches.cache(CacheNamespace<Int, Int>("numbers")),
            sink: sink,
            journal: journal,
            merging: .adding,
            policy: scenario.policy,
            logger: logger
        )
        return (cache, journal, sink)
    }
}

/// Writes a line in one system call, so that the parent reads it whole or not at all.
@Sendable
func tell(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}
