import Foundation
import Larder
import Synchronization

/// What the service knows of itself, for `/api/stats` and the page.
final class ServiceMonitor: Sendable {
    private struct State {
        var requests = 0
        var latency = LatencyHistogram()
        var fileChanges = 0
        var notes = 0
        var replay = ReplayStatus()
    }

    private let state = Mutex(State())
    private let vault: Vault
    private let caches: NoteCaches?
    private let start = ContinuousClock.now

    init(vault: Vault, caches: NoteCaches?) {
        self.vault = vault
        self.caches = caches
    }

    func recordRequest(_ duration: Duration) {
        state.withLock { state in
            state.requests += 1
            state.latency.record(duration)
        }
    }

    func recordFileChanges(_ count: Int) {
        state.withLock { $0.fileChanges += count }
    }

    func setNoteCount(_ count: Int) {
        state.withLock { $0.notes = count }
    }

    func updateReplay(_ update: (inout ReplayStatus) -> Void) {
        state.withLock { update(&$0.replay) }
    }

    /// Everything, as of now.
    func report() -> ServiceReport {
        let caches = (caches?.statistics ?? []).map { ServiceReport.Cache(name: $0.name, $0.statistics) }
        let origin = ServiceReport.Origin(queries: vault.index.queries, saved: self.caches?.savedQueries ?? 0)
        let uptime = (ContinuousClock.now - start).inSeconds
        return state.withLock { state in
            ServiceReport(
                vault: .init(path: vault.folder.url.path, notes: state.notes, fileChanges: state.fileChanges),
                requests: state.requests,
                uptimeSeconds: uptime.rounded(),
                latency: state.latency.summary,
                caches: caches,
                origin: origin,
                replay: state.replay
            )
        }
    }
}

/// The answer of `/api/stats`.
struct ServiceReport: Codable, Sendable {
    struct Vault: Codable, Sendable {
        let path: String
        let notes: Int
        /// Notes that other programs changed on disk since the start.
        let fileChanges: Int
    }

    struct Cache: Codable, Sendable {
        let name: String
        let memoryHits: Int
        let storeHits: Int
        let staleHits: Int
        let misses: Int
        let entries: Int
        let hitRatio: Double

        init(name: String, _ statistics: CacheStatistics) {
            self.name = name
            memoryHits = statistics.memoryHits
            storeHits = statistics.storeHits
            staleHits = statistics.staleHits
            misses = statistics.misses
            entries = statistics.entries
            hitRatio = statistics.hitRatio
        }
    }

    struct Origin: Codable, Sendable {
        let queries: Int
        /// What the hits would have cost.
        let saved: Int
    }

    let vault: Vault
    let requests: Int
    let uptimeSeconds: Double
    let latency: LatencyHistogram.Summary
    let caches: [Cache]
    let origin: Origin
    let replay: ReplayStatus
}

/// How the replay stands.
struct ReplayStatus: Codable, Sendable {
    enum Phase: String, Codable, Sendable {
        case idle
        case cacheOff
        case cacheOn
        case done
        case failed
    }

    var phase = Phase.idle
    /// How much of the phase is done, from 0 to 1.
    var progress = 0.0
    var cacheOff: ReplayResult?
    var cacheOn: ReplayResult?
}

extension Duration {
    /// The duration in seconds.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
