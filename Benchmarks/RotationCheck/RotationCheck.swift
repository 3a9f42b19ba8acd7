import BenchmarkReport
import Foundation
import Larder
import LarderEncryption
import LarderSQLite

/// Rotates the key of an encrypted namespace every second while eight tasks read and write it through the caches of two
/// systems on one file, and counts what they notice.
///
/// The second system learns of each key half a second late, as from a provider that it asks now and then, and the key
/// before the last two is retired. Prints a table, and as the last line `RESULT` and a JSON object. Exits with 1 if a call
/// failed, a value was wrong, or an entry could not be read for another reason than its key.
@main
struct RotationCheck {
    private static let seconds = 60
    private static let tasks = 8
    private static let expected: Set = ["unknown encryption key", "retired encryption key"]

    static func main() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "larder-rotation-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let report = Report()
        try await measure(report, file: folder.appending(path: "cache.sqlite").path)
        try FileManager.default.removeItem(at: folder)
        exit(report.finish() ? 0 : 1)
    }

    private static func measure(_ report: Report, file: String) async throws {
        let first = try EncryptionKey.random(number: 1)
        let rings = [try KeyRing([first]), try KeyRing([first])]
        let stores = [try SQLiteStore(path: file), try SQLiteStore(path: file)]
        let caches = try zip(stores, rings)
            .map { store, ring in
                var namespace = CacheNamespace<Int, String>("texts", memory: .entries(1), codec: .text)
                namespace.encryption = NamespaceEncryption(ring)
                namespace.isConfidential = true
                return try CacheSystem(store: store).cache(namespace)
            }
        let end = ContinuousClock.now + .seconds(seconds)
        var traffic = Traffic()
        try await withThrowingTaskGroup(of: Traffic.self) { group in
            for task in 0..<tasks {
                group.addTask { await Traffic.make(through: caches[task % caches.count], until: end) }
            }
            group.addTask {
                try await rotate(rings, until: end)
                return Traffic()
            }
            for try await part in group { traffic += part }
        }
        let reasons = caches.reduce(into: [:]) { $0.merge($1.statistics.undecodable, uniquingKeysWith: +) }
        report.add("seconds", Double(seconds))
        report.add("rotations", Double(seconds - 1))
        report.add("reads", Double(traffic.reads))
        report.add("writes", Double(traffic.writes))
        report.add("store_hits", Double(caches.reduce(0) { $0 + $1.statistics.storeHits }))
        report.add("reencrypted", Double(caches.reduce(0) { $0 + $1.statistics.reencrypted }))
        for reason in expected.sorted() {
            report.add("misses_" + reason.replacing(" ", with: "_"), Double(reasons[reason] ?? 0))
        }
        report.expect("failed", Double(traffic.failed), toBe: 0)
        report.expect("wrong", Double(traffic.wrong), toBe: 0)
        let others = reasons.filter { !expected.contains($0.key) }
        report.expect("misses_for_other_reasons", Double(others.values.reduce(0, +)), toBe: 0)
        for store in stores { await store.shutdown() }
    }

    private static func rotate(_ rings: [KeyRing], until end: ContinuousClock.Instant) async throws {
        for number in UInt16(2)... {
            try await Task.sleep(for: .milliseconds(500))
            guard ContinuousClock.now + .milliseconds(500) < end else { return }
            let key = try EncryptionKey.random(number: number)
            rings[0].rotate(to: key)
            try await Task.sleep(for: .milliseconds(500))
            rings[1].rotate(to: key)
            if number > 3 { for ring in rings { ring.retire(number - 3) } }
        }
    }
}
