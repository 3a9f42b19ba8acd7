import Logging
import MemoryCache
import Synchronization

/// The way to the store: each operation ends within the timeout, and failures are logged once per interval.
final class StoreGate: Sendable {
    /// How many operations that were given up at their timeout may still be running in the store.
    ///
    /// Past it, further ones fail at once, until some have ended.
    static let maximumGivenUp = 256

    let store: any RemoteStore
    private let timeout: Duration
    private let clock: CacheClock
    private let failures: FailureLog
    private let givenUp = Atomic<Int>(0)

    init(store: any RemoteStore, timeout: Duration, clock: CacheClock, failures: FailureLog) {
        self.store = store
        self.timeout = timeout
        self.clock = clock
        self.failures = failures
    }

    /// Runs an operation that reads.
    ///
    /// It is cut off by its timeout and by the cancellation of the task.
    ///
    /// Throws a ``CacheError`` with the code `storeUnavailable`, or `CancellationError`.
    func read<Result: Sendable>(
        _ name: String,
        _ operation: @escaping @Sendable (any RemoteStore) async throws -> Result
    ) async throws -> Result {
        do {
            try checkLoad()
            if store.boundsItsLatency { return try await operation(store) }
            let race = start(operation, timeout)
            return try await withCancellationHandler {
                try await race.result
            } onCancel: {
                giveUp(race, CancellationError())
            }
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw failure(name, error)
        }
    }

    /// Runs an operation that changes something.
    ///
    /// It is cut off by its timeout alone: one that was begun and left
    /// because its caller lost interest might take effect after a later one.
    ///
    /// Throws a ``CacheError`` with the code `storeUnavailable`.
    func change(
        _ name: String,
        timeouts: Int = 1,
        _ operation: @escaping @Sendable (any RemoteStore) async throws -> Void
    ) async throws {
        do {
            if store.boundsItsLatency { return try await operation(store) }
            try await start(operation, timeout * timeouts).result
        } catch {
            throw failure(name, error)
        }
    }

    /// Logs a failure, unless one was logged a short while ago.
    func report(_ operation: String, _ error: any Error) {
        failures.record(operation, error, now: clock.now)
    }

    /// Refuses operations while too many hang.
    func checkLoad() throws {
        guard givenUp.load(ordering: .relaxed) < Self.maximumGivenUp else { throw StoreHangs() }
    }

    func failure(_ name: String, _ error: any Error) -> CacheError {
        report(name, error)
        return CacheError(
            .storeUnavailable,
            "The store could not \(name). Check that it runs and has room; the cache goes on without it.",
            underlyingError: error
        )
    }

    /// Runs an operation and a timer side by side.
    private func start<Result: Sendable>(
        _ operation: @escaping @Sendable (any RemoteStore) async throws -> Result,
        _ limit: Duration
    ) -> Race<Result> {
        let race = Race<Result>()
        let work = Task { [self] in
            let isInTime: Bool
            do {
                isInTime = race.end(.success(try await operation(store)))
            } catch {
                isInTime = race.end(.failure(error))
            }
            if !isInTime { givenUp.wrappingSubtract(1, ordering: .relaxed) }
        }
        let alarm = clock.alarm(after: limit)
        let timer = Task { [self] in
            if (try? await alarm()) != nil { giveUp(race, StoreTimeout(limit: limit)) }
        }
        race.afterwards {
            work.cancel()
            timer.cancel()
        }
        return race
    }

    private func giveUp<Result: Sendable>(_ race: Race<Result>, _ error: any Error) {
        if race.end(.failure(error)) { givenUp.wrappingAdd(1, ordering: .relaxed) }
    }
}

/// Too many operations hang in the store.
package struct StoreHangs: Error, CustomStringConvertible {
    package var description: String { "too many operations have not been answered" }
}

/// The store did not answer in time.
package struct StoreTimeout: Error, CustomStringConvertible {
    let limit: Duration

    package var description: String { "no answer within \(limit)" }
}
