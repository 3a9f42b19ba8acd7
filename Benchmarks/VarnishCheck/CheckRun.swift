import AsyncHTTPClient
import Foundation
import Larder
import LarderEdge
import LarderSQLite
import LarderTesting
import MemoryCache
import NIOCore
import NIOPosix

/// One run of the check.
final class CheckRun: Sendable {
    private let objects: Int
    private let invalidations: Int
    private let folder: URL
    private let origin: ObjectOrigin
    private let varnish: VarnishServer
    private let log: SQLiteInvalidationLog
    private let queue: SQLitePurgeQueue
    private let client = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
    private let clock = ContinuousClock()
    /// Objects by their tags.
    private let members: [[Int]]
    /// How long each invalidation took to reach the edge: the first are of a quiet time, the rest after the crash.
    private let delays = Locked<[Duration]>([])
    private let staleReads = Locked(0)
    private let due = Locked<[Due]>([])

    init(objects: Int, invalidations: Int, folder: URL) async throws {
        self.objects = objects
        self.invalidations = invalidations
        self.folder = folder
        let origin = ObjectOrigin(count: objects)
        self.origin = origin
        var members = Array(repeating: [Int](), count: origin.tagCount)
        for object in 0..<objects { for tag in origin.tags(of: object) { members[tag].append(object) } }
        self.members = members
        try await origin.start()
        log = try SQLiteInvalidationLog(path: folder.appending(path: "log.sqlite").path)
        queue = try SQLitePurgeQueue(path: folder.appending(path: "purges.sqlite").path)
        // The edge is empty: there is nothing to purge of what came before.
        try await queue.add([], movingTo: log.nextBatch(after: nil, patience: .zero).position)
        varnish = try await VarnishServer(originPort: origin.port, configuration: VarnishServer.configuration())
    }

    func run() async throws -> CheckOutcome {
        defer { varnish.stop() }
        for object in 0..<objects { _ = try await version(of: object) }
        let filled = origin.fetches
        let load = try startLoad()
        var purging = try startPurging()
        var touched = Set<Int>()
        var tags = Array(0..<members.count)
        tags.shuffle()
        let began = clock.now
        for number in 0..<invalidations {
            if number == invalidations / 2 {
                kill(purging.processIdentifier, SIGKILL)
                // What is invalidated meanwhile waits in the log.
                try await invalidate(tags[number % tags.count], waits: false, &touched)
                purging = try startPurging()
                continue
            }
            try await invalidate(tags[number % tags.count], waits: true, &touched)
            try await checkDue()
        }
        let seconds = (clock.now - began) / .seconds(1)
        try await Task.sleep(for: VarnishCheck.lag)
        try await checkDue()
        kill(purging.processIdentifier, SIGKILL)
        kill(load.processIdentifier, SIGTERM)
        return try await outcome(touched, filled, seconds)
    }

    /// What has to be fresh from a moment on.
    private struct Due {
        var at: ContinuousClock.Instant
        var versions: [(object: Int, version: Int)]
    }

    /// Changes the objects of a tag, invalidates it, and waits until the edge has followed, if it is to.
    private func invalidate(_ tag: Int, waits: Bool, _ touched: inout Set<Int>) async throws {
        origin.change(members[tag])
        touched.formUnion(members[tag])
        let versions = origin.versions
        let wanted = members[tag].map { (object: $0, version: versions[$0]) }
        _ = try await log.append(InvalidationRecord(.tags(["t-\(tag)"]), in: "objects"))
        let returned = clock.now
        due.withLock { $0.append(Due(at: returned + VarnishCheck.lag, versions: wanted)) }
        guard waits else { return }
        for (object, version) in wanted {
            // What is not fresh by then is counted as stale.
            while clock.now - returned < VarnishCheck.lag, try await self.version(of: object) < version {
                try await Task.sleep(for: .milliseconds(2))
            }
        }
        let delay = clock.now - returned
        delays.withLock { $0.append(delay) }
    }

    /// Looks at all that has to be fresh by now.
    private func checkDue() async throws {
        let now = clock.now
        let due = due.withLock { due in
            let over = due.prefix { $0.at <= now }
            due.removeFirst(over.count)
            return over
        }
        for (object, version) in due.flatMap(\.versions) where try await self.version(of: object) < version {
            staleReads.withLock { $0 += 1 }
        }
    }

    private func outcome(_ touched: Set<Int>, _ filled: [Int], _ seconds: Double) async throws -> CheckOutcome {
        let versions = origin.versions
        var stale = staleReads.withLock { $0 }
        for object in 0..<objects where try await version(of: object) != versions[object] { stale += 1 }
        let fetches = zip(origin.fetches, filled).map { $0 - $1 }
        try await client.shutdown()
        let sorted = delays.withLock { $0 }.sorted()
        return CheckOutcome(
            objects: objects,
            invalidations: invalidations,
            touched: touched.count,
            notRefetched: touched.count { fetches[$0] == 0 },
            wronglyRefetched: (0..<objects).count { !touched.contains($0) && fetches[$0] > 0 },
            stale: stale,
            medianDelay: sorted[sorted.count / 2],
            longestDelay: sorted[sorted.count - 1],
            seconds: seconds
        )
    }

    private func version(of object: Int) async throws -> Int {
        let request = HTTPClientRequest(url: "\(varnish.base)/\(object)")
        let response = try await client.execute(request, timeout: .seconds(30))
        return Int(String(buffer: try await response.body.collect(upTo: 1_024))) ?? -1
    }

    private func startPurging() throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: CommandLine.arguments[0])
        process.arguments = [
            "purge", folder.appending(path: "log.sqlite").path, folder.appending(path: "purges.sqlite").path,
            varnish.base,
        ]
        try process.run()
        return process
    }

    /// Has wrk ask for all objects in turn, with 50 connections.
    private func startLoad() throws -> Process {
        let script = folder.appending(path: "objects.lua")
        try """
        local n = 0
        request = function() n = (n * 1103515245 + 12345) % 2147483648; return wrk.format("GET", "/" .. n % \(objects)) end
        """
        .write(to: script, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["wrk", "-t1", "-c50", "-d120s", "-s", script.path, varnish.base]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        return process
    }
}
