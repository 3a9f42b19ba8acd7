public import Logging
import MemoryCache
public import ServiceLifecycle

import struct Foundation.Date

/// Watches the caches of a system by rules, and tells handlers of what it finds; see <doc:Alerts>.
///
/// Run it as a `Service`, behind the ``CacheSystem``.
public final class AlertMonitor: Service, Sendable {
    private struct Subject: Hashable {
        let rule: AlertRule
        let namespace: String?
    }

    private struct Silence {
        let rule: String?
        let namespace: String?
        let end: Duration
    }

    private struct State {
        var machines: [Subject: AlertMachine] = [:]
        var silences: [Silence] = []
        var recent: [Alert] = []
    }

    /// How many alerts ``recentAlerts`` keeps.
    public static let maximumRecentAlerts = 100

    private let system: CacheSystem
    private let rules: [AlertRule]
    private let interval: Duration
    private let outboxes: [AlertOutbox]
    private let processBytes: @Sendable () -> Int?
    private let state = Locked(State())

    /// Makes a monitor.
    ///
    /// - Parameters:
    ///   - system: The owner of the caches.
    ///   - rules: The rules, each with a name of its own.
    ///   - handlers: Who is told. One that is slow or fails delays none of the others.
    ///   - interval: How often the rules are applied while ``run()`` runs, from 10 ms to an hour.
    ///   - logger: Hears of handlers that failed.
    /// - Throws: ``CacheError`` with the code `invalidConfiguration` for a rule or an interval out of range, or two rules
    ///   of one name.
    public convenience init(
        of system: CacheSystem,
        rules: [AlertRule] = AlertRule.standard,
        handlers: [any AlertHandler],
        interval: Duration = .seconds(10),
        logger: Logger = .current
    ) throws(CacheError) {
        try self.init(
            of: system,
            rules: rules,
            handlers: handlers,
            interval: interval,
            logger: logger,
            processBytes: { ProcessMemory.residentBytes }
        )
    }

    init(
        of system: CacheSystem,
        rules: [AlertRule],
        handlers: [any AlertHandler],
        interval: Duration,
        logger: Logger,
        processBytes: @escaping @Sendable () -> Int?
    ) throws(CacheError) {
        for rule in rules { try rule.validate() }
        guard Set(rules.map(\.name)).count == rules.count else {
            throw CacheError(.invalidConfiguration, "Two alert rules have the same name; give each one of its own.")
        }
        guard interval >= .milliseconds(10), interval <= .seconds(3_600) else {
            throw CacheError(.invalidConfiguration, "The interval of alerts is \(interval); give 10 ms to an hour.")
        }
        self.system = system
        self.rules = rules
        self.interval = interval
        self.processBytes = processBytes
        outboxes = handlers.map { AlertOutbox($0, clock: system.clock, logger: logger) }
    }

    /// The alerts that are pending or fire now, by rule and namespace.
    public var alerts: [Alert] {
        state.withLock { $0.machines.values.compactMap(\.alert) }.filter { $0.state != .resolved }
            .sorted { ($0.rule, $0.namespace ?? "") < ($1.rule, $1.namespace ?? "") }
    }

    /// The newest alerts that fired or were resolved, at most ``maximumRecentAlerts``, the newest first.
    public var recentAlerts: [Alert] { state.withLock { $0.recent }.reversed() }

    /// Tells nobody of some alerts for a while; what still fires at the end of it is told then.
    ///
    /// - Parameters:
    ///   - rule: The name of a rule; `nil` for all.
    ///   - namespace: The name of a namespace; `nil` for all.
    ///   - duration: For how long.
    public func silence(rule: String? = nil, namespace: String? = nil, for duration: Duration) {
        let now = system.elapsed
        state.withLock { state in
            state.silences.removeAll { $0.end <= now }
            state.silences.append(Silence(rule: rule, namespace: namespace, end: now + duration))
        }
    }

    /// Applies the rules at intervals, and tells the handlers, until the task is cancelled or the service group stops.
    public func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                for outbox in outboxes { group.addTask { await outbox.deliver() } }
                repeat { evaluate() } while (try? await system.clock.sleep(interval)) != nil
                group.cancelAll()
            }
        }
    }

    /// Applies the rules now.
    ///
    /// - Complexity: O(rules × namespaces).
    public func evaluate() {
        let (now, date) = (system.elapsed, system.clock.wallTime())
        var readings: [(Subject, AlertReading?)] = []
        for rule in rules {
            let statistics = system.statistics(over: rule.window)
            let loads = system.latencies(of: .origin, over: rule.window)
            for (name, statistics) in statistics where rule.namespace == nil || rule.namespace == name {
                let subject = Subject(rule: rule, namespace: name)
                readings.append((subject, rule.reading(statistics, loads[name] ?? LatencyHistogram())))
            }
            let common = rule.reading(ofStore: system.storeBreaker?.state, processBytes: processBytes())
            readings.append((Subject(rule: rule, namespace: nil), common))
        }
        let news = state.withLock { state in
            var news: [Alert] = []
            for (subject, reading) in readings {
                let isSilenced = state.silences.contains { silence in
                    silence.end > now && (silence.rule ?? subject.rule.name) == subject.rule.name
                        && (silence.namespace ?? subject.namespace) == subject.namespace
                }
                var machine =
                    state.machines[subject] ?? AlertMachine(subject.rule, namespace: subject.namespace)
                if let alert = machine.take(reading, at: now, date, isSilenced: isSilenced) { news.append(alert) }
                state.machines[subject] = machine
            }
            state.recent.append(contentsOf: news)
            state.recent.removeFirst(max(0, state.recent.count - Self.maximumRecentAlerts))
            return news
        }
        for alert in news {
            for outbox in outboxes { outbox.put(alert) }
        }
    }
}
