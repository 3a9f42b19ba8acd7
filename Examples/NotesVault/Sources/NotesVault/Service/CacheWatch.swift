import Larder
import LarderMonitoring
import Logging

/// Who watches the caches: rules that alert, and the page that shows all.
struct CacheWatch: Sendable {
    let alerts: AlertMonitor
    let dashboard: Dashboard

    /// Begins to watch.
    ///
    /// - Parameters:
    ///   - system: The owner of the caches.
    ///   - rules: When somebody is told.
    ///   - webhook: The URL that is told of alerts; `nil` for the log alone.
    ///   - logger: Hears of alerts.
    /// - Throws: `CacheError` for a rule that is out of its range.
    init(
        _ system: CacheSystem,
        rules: [AlertRule] = AlertRule.standard,
        webhook: String? = nil,
        logger: Logger
    ) throws {
        var handlers: [any AlertHandler] = [LogAlertHandler(logger)]
        if let webhook { handlers.append(WebhookAlertHandler(url: webhook)) }
        alerts = try AlertMonitor(of: system, rules: rules, handlers: handlers, logger: logger)
        dashboard = Dashboard(SnapshotSource(of: system, alerts: alerts, title: "Notes Vault"))
    }
}
