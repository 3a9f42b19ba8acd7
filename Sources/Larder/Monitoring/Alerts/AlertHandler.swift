public import Logging

/// Is told of alerts that fire and that are resolved.
public protocol AlertHandler: Sendable {
    /// Tells somebody.
    ///
    /// Calls come one after the other, in the order of the alerts. One that throws is repeated, after a second and then
    /// after ever longer, five times in all.
    ///
    /// - Parameter alert: The alert, in the state `firing` or `resolved`.
    /// - Throws: What kept it from being told.
    func handle(_ alert: Alert) async throws
}

/// Tells a log of alerts: as warnings when they fire, and as notices when they are resolved.
public struct LogAlertHandler: AlertHandler {
    private let logger: Logger

    /// Makes a handler.
    ///
    /// - Parameter logger: Where to log.
    public init(_ logger: Logger) {
        self.logger = logger
    }

    /// Logs an alert.
    public func handle(_ alert: Alert) {
        var metadata: Logger.Metadata = [
            "rule": "\(alert.rule)", "value": "\(alert.value)", "limit": "\(alert.limit)",
        ]
        if let namespace = alert.namespace { metadata["namespace"] = "\(namespace)" }
        logger.log(
            level: alert.state == .firing ? .warning : .notice,
            alert.state == .firing ? "An alert fires" : "An alert is resolved",
            metadata: metadata
        )
    }
}

/// Hands alerts to a closure.
public struct ClosureAlertHandler: AlertHandler {
    private let body: @Sendable (Alert) async throws -> Void

    /// Makes a handler.
    ///
    /// - Parameter body: Is called with each alert.
    public init(_ body: @escaping @Sendable (Alert) async throws -> Void) {
        self.body = body
    }

    /// Calls the closure.
    public func handle(_ alert: Alert) async throws { try await body(alert) }
}
