import Logging

/// Hands alerts to one handler, in their order, and again where it fails.
///
/// It keeps a hundred alerts; beyond that it forgets the oldest.
final class AlertOutbox: Sendable {
    private static let tries = 5

    private let handler: any AlertHandler
    private let clock: CacheClock
    private let logger: Logger
    private let alerts: AsyncStream<Alert>
    private let continuation: AsyncStream<Alert>.Continuation

    init(_ handler: any AlertHandler, clock: CacheClock, logger: Logger) {
        self.handler = handler
        self.clock = clock
        self.logger = logger
        (alerts, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(100))
    }

    func put(_ alert: Alert) {
        continuation.yield(alert)
    }

    /// Hands alerts over until the task is cancelled.
    func deliver() async {
        for await alert in alerts { await deliver(alert) }
    }

    private func deliver(_ alert: Alert) async {
        for number in 1...Self.tries {
            do {
                return try await handler.handle(alert)
            } catch {
                guard !Task.isCancelled else { return }
                let isLast = number == Self.tries
                logger.warning(
                    isLast ? "An alert could not be delivered" : "An alert is delivered again",
                    metadata: ["alert": "\(alert.summary)", "error": "\(error)"]
                )
                if isLast { return }
                guard (try? await clock.sleep(.seconds(1 << (number - 1)))) != nil else { return }
            }
        }
    }
}
