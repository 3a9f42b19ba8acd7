import Larder

/// One of the metrics that are sampled from the counters of namespaces.
struct CacheMetric: Sendable {
    enum Kind: Sendable {
        case counter
        case gauge
    }

    let label: String
    let kind: Kind
    let help: String
    /// The values, each with the label that tells it from the others of a namespace, if there are several.
    let values: @Sendable (CacheStatistics) -> [(label: (String, String)?, value: Double)]

    private static func counter(
        _ label: String,
        _ help: String,
        _ value: @escaping @Sendable (CacheStatistics) -> Int
    ) -> CacheMetric {
        CacheMetric(label: label, kind: .counter, help: help) { [(nil, Double(value($0)))] }
    }

    private static func gauge(
        _ label: String,
        _ help: String,
        _ value: @escaping @Sendable (CacheStatistics) -> Double?
    ) -> CacheMetric {
        CacheMetric(label: label, kind: .gauge, help: help) { value($0).map { [(nil, $0)] } ?? [] }
    }

    static let all: [CacheMetric] = [
        CacheMetric(label: "larder_reads", kind: .counter, help: "Reads, by where the answer came from.") {
            [
                (("result", "memory_hit"), Double($0.memoryHits)), (("result", "store_hit"), Double($0.storeHits)),
                (("result", "stale_hit"), Double($0.staleHits)), (("result", "miss"), Double($0.misses)),
            ]
        },
        CacheMetric(label: "larder_misses", kind: .counter, help: "Reads that no tier could answer, by reason.") {
            statistics in MissReason.allCases.map { (("reason", $0.rawValue), Double(statistics.missReasons[$0] ?? 0)) }
        },
        counter("larder_loads", "Loads that were started.", \.loads),
        counter("larder_refreshes", "Loads that were started before their entry expired.", \.refreshes),
        CacheMetric(label: "larder_load_failures", kind: .counter, help: "Loads that brought nothing, by kind.") {
            [
                (("kind", "error"), Double($0.loadFailures)), (("kind", "abandoned"), Double($0.abandonedLoads)),
                (("kind", "refused"), Double($0.refusedLoads)), (("kind", "fenced"), Double($0.fencedLoads)),
            ]
        },
        counter("larder_coalesced_reads", "Reads that waited for the load of another.", \.coalescedReads),
        counter("larder_caller_timeouts", "Callers who did not wait for a load any longer.", \.callerTimeouts),
        counter("larder_store_failures", "Operations of the store that failed.", \.storeFailures),
        counter("larder_dropped_fills", "Loaded values that were not stored because too many waited.", \.droppedFills),
        counter("larder_undecodable_entries", "Entries of the store that could not be used.") {
            $0.undecodable.values.reduce(0, +)
        },
        counter("larder_evictions", "Entries that left the memory to make room.", \.evictions),
        counter("larder_expirations", "Entries that left the memory because they expired.", \.expirations),
        gauge("larder_memory_entries", "Entries in memory.") { Double($0.entries) },
        gauge("larder_memory_weight", "The sum of the weights of the entries in memory.") { Double($0.weight) },
        gauge("larder_loads_running", "Loads that ask the origin.") { Double($0.runningLoads) },
        gauge("larder_loads_queued", "Loads that wait for leave to ask the origin.") { Double($0.queuedLoads) },
        gauge("larder_oldest_load_age_seconds", "How long the oldest load has been under way.") {
            $0.oldestLoadAge / .seconds(1)
        },
        gauge("larder_breaker_open", "Whether the breaker before the origin refuses loads; a half while it probes.") {
            $0.breaker.map(\.openness)
        },
        gauge("larder_log_lag_seconds", "For how long the invalidation log may have had more.") {
            $0.logLag.map { $0 / .seconds(1) }
        },
        gauge("larder_pending_writes", "Writes that the sink does not have yet.") {
            $0.writeBehind.map { Double($0.pendingWrites) }
        },
        gauge("larder_oldest_pending_write_age_seconds", "How long the oldest of these writes has been pending.") {
            $0.writeBehind.map { $0.oldestAge / .seconds(1) }
        },
        counter("larder_dead_letters", "Writes that became dead letters.") { $0.writeBehind?.deadLetters ?? 0 },
        CacheMetric(label: "larder_preloads", kind: .counter, help: "Loads ahead that came due, by result.") {
            $0.preloads.map { [(("result", "used"), Double($0.used)), (("result", "wasted"), Double($0.wasted))] } ?? []
        },
        gauge("larder_preload_recall", "The share of misses that loads ahead avoided.") { $0.preloads?.recall },
        gauge("larder_preload_loads_per_avoided_miss", "Loads ahead for each miss that they avoided.") {
            $0.preloads?.loadsPerAvoidedMiss
        },
        CacheMetric(label: "larder_predictor_precision", kind: .gauge, help: "Which share of predictions is right.") {
            $0.preloads?.predictors.map { (("predictor", $0.name), $0.precision) } ?? []
        },
        CacheMetric(label: "larder_predictor_on", kind: .gauge, help: "Whether a predictor may load.") {
            $0.preloads?.predictors.map { (("predictor", $0.name), $0.isOn ? 1 : 0) } ?? []
        },
    ]
}

extension CircuitBreaker.State {
    /// 1 for open, 0 for closed.
    var openness: Double {
        switch self {
        case .closed: 0
        case .halfOpen: 0.5
        case .open: 1
        }
    }
}
