import Foundation
public import Logging
public import ServiceLifecycle

/// Keeps a ring up to date with where its keys are kept.
///
/// As a `Service` it asks the provider at intervals, and for a new key when the active one is nearly used up. A provider
/// that fails leaves the ring as it is, and is logged.
public struct KeyRefresh: Service {
    private let ring: KeyRing
    private let provider: any KeyProvider
    private let interval: Duration
    private let clock: any Clock<Duration>
    private let logger: Logger

    /// Makes a service.
    ///
    /// - Parameters:
    ///   - ring: What to keep up to date.
    ///   - provider: Where the keys are kept.
    ///   - interval: How often to ask, from a second to a day.
    ///   - clock: The clock of the interval.
    ///   - logger: Where failures are logged; never a key.
    /// - Throws: ``EncryptionError`` with the code `invalidKeys` for an interval out of its range.
    public init(
        of ring: KeyRing,
        from provider: any KeyProvider,
        every interval: Duration = .seconds(30),
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger = .current
    ) throws(EncryptionError) {
        guard interval >= .seconds(1), interval <= .seconds(86_400) else {
            throw EncryptionError(.invalidKeys, "The interval is \(interval); give a second to a day.")
        }
        self.ring = ring
        self.provider = provider
        self.interval = interval
        self.clock = clock
        self.logger = logger
    }

    /// Asks the provider once.
    ///
    /// - Throws: What the provider throws, or ``EncryptionError`` for keys that do not go together.
    public func refresh() async throws {
        let worn = ring.worn
        let keys = if let worn { try await provider.keys(replacing: worn) } else { try await provider.keys() }
        try ring.replace(with: keys)
        if worn != nil, let worn = ring.worn {
            logger.warning("A key is nearly used up and there is no new one", metadata: ["key": "\(worn.number)"])
        }
    }

    /// Asks the provider at intervals until the service group stops.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await clock.sleep(for: interval)) != nil {
                do {
                    try await refresh()
                } catch {
                    logger.warning("Keys could not be refreshed", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
