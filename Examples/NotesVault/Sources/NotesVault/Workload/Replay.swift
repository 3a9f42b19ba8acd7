import Larder
import NIOHTTP1
import NIOPosix
import Synchronization

/// What a pass of the replay came to.
struct ReplayResult: Codable, Hashable, Sendable {
    let requests: Int
    /// Requests that were not answered as they should be.
    let failures: Int
    let seconds: Double
    /// Of all requests; of those that read; and of those that edit, which the cache cannot make faster.
    let latency: LatencyHistogram.Summary
    let reads: LatencyHistogram.Summary
    let edits: LatencyHistogram.Summary
    let originQueries: Int
    /// Reads of the caches that memory answered, that the store answered, and all of them.
    let memoryHits: Int
    let storeHits: Int
    let cacheReads: Int

    var requestsPerSecond: Double { seconds > 0 ? Double(requests) / seconds : 0 }
}

/// Sends a workload to a server over several connections and measures.
struct Replay: Sendable {
    let workload: Workload
    let connections: Int
    let host: String

    /// Runs one pass.
    ///
    /// - Parameters:
    ///   - port: Where the server listens.
    ///   - vault: The vault behind the server, whose queries are counted.
    ///   - caches: The caches of the server, if it has any.
    ///   - editsBefore: Whether the pass before did the same edits.
    ///   - progress: Called now and then with how many requests are done.
    /// - Returns: What was measured.
    /// - Throws: ``VaultError`` if the server cannot be reached, or `CancellationError`.
    func run(
        port: Int,
        vault: Vault,
        caches: NoteCaches?,
        editsBefore: Bool,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws -> ReplayResult {
        let queriesBefore = vault.index.queries
        let before = total(caches)
        let next = Counter()
        let edits = EditCounts(workload, isSecondPass: editsBefore)
        let start = ContinuousClock.now
        let measured = try await withThrowingTaskGroup(of: Measurement.self) { group in
            for _ in 0..<connections {
                group.addTask { try await work(port: port, next: next, edits: edits, progress: progress) }
            }
            var sum = Measurement()
            for try await part in group {
                sum.reads.add(part.reads)
                sum.edits.add(part.edits)
                sum.failures += part.failures
            }
            return sum
        }
        let seconds = (ContinuousClock.now - start).inSeconds
        let after = total(caches)
        var all = measured.reads
        all.add(measured.edits)
        return ReplayResult(
            requests: all.count,
            failures: measured.failures,
            seconds: seconds,
            latency: all.summary,
            reads: measured.reads.summary,
            edits: measured.edits.summary,
            originQueries: vault.index.queries - queriesBefore,
            memoryHits: after.memoryHits - before.memoryHits,
            storeHits: after.storeHits - before.storeHits,
            cacheReads: after.requests - before.requests
        )
    }

    private struct Measurement: Sendable {
        var reads = LatencyHistogram()
        var edits = LatencyHistogram()
        var failures = 0
    }

    private func work(
        port: Int,
        next: Counter,
        edits: EditCounts,
        progress: @Sendable (Int) -> Void
    ) async throws -> Measurement {
        let connection = try await ReplayConnection.open(
            host: host,
            port: port,
            group: .singletonMultiThreadedEventLoopGroup
        )
        var measurement = Measurement()
        while true {
            let position = next.advance()
            guard position < workload.operations.count, !Task.isCancelled else { break }
            let operation = workload.operations[position]
            let start = ContinuousClock.now
            let isGood = try await send(operation, on: connection, edits: edits)
            let duration = ContinuousClock.now - start
            if case .edit = operation { measurement.edits.record(duration) } else { measurement.reads.record(duration) }
            if !isGood { measurement.failures += 1 }
            if position % 50 == 0 { progress(position) }
        }
        await connection.close()
        try Task.checkCancellation()
        return measurement
    }

    private func send(
        _ operation: Workload.Operation,
        on connection: ReplayConnection,
        edits: EditCounts
    ) async throws -> Bool {
        switch operation {
        case .view(let id):
            return try await connection.execute(.GET, NoteView.path(of: id)).status == 200
        case .note(let id):
            return try await connection.execute(.GET, "/api/notes/" + HTML.percentEncodedPath(id.rawValue)).status
                == 200
        case .backlinks(let id):
            let path = "/api/backlinks/" + HTML.percentEncodedPath(id.rawValue)
            return try await connection.execute(.GET, path).status == 200
        case .search(let words):
            return try await connection.execute(.GET, "/api/search?q=" + HTML.percentEncodedPath(words)).status == 200
        case .missing(let number):
            return try await connection.execute(.GET, "/api/notes/no%20such%20note%20\(number)").status == 404
        case .edit(let id):
            let path = "/api/notes/" + HTML.percentEncodedPath(id.rawValue)
            let source = workload.source(of: id, afterEdits: edits.next(id))
            return try await connection.execute(.PUT, path, body: source).status == 200
        }
    }

    private func total(_ caches: NoteCaches?) -> CacheStatistics {
        var total = CacheStatistics()
        for (_, statistics) in caches?.statistics ?? [] {
            total.memoryHits += statistics.memoryHits
            total.storeHits += statistics.storeHits
            total.staleHits += statistics.staleHits
            total.misses += statistics.misses
        }
        return total
    }
}

/// Deals out positions to several tasks.
private final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    func advance() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
}

/// How often each note was edited so far.
private final class EditCounts: Sendable {
    private let counts: Mutex<[NoteID: Int]>

    init(_ workload: Workload, isSecondPass: Bool) {
        var counts: [NoteID: Int] = [:]
        if isSecondPass {
            for case .edit(let id) in workload.operations { counts[id, default: 0] += 1 }
        }
        self.counts = Mutex(counts)
    }

    func next(_ id: NoteID) -> Int {
        counts.withLock { counts in
            counts[id, default: 0] += 1
            return counts[id] ?? 1
        }
    }
}
