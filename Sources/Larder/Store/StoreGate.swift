import Logging
import MemoryCache

/// The way to the store: each operation ends within the timeout, and failures are logged once per interval.
final class StoreGate: Sendable {
    let store: any RemoteStore
    private let timeout: Duration
    private let clock: CacheClock
    private let failures: FailureLog

    init(store: any RemoteStore, timeout: Duration, clock: CacheClock, failures: FailureLog) {
        self.store = store
        self.timeout = timeout
        self.clock = clock
        self.failures = failures
    }

    /// Runs one operation of the store, which is cancelled and left to end by itself after the timeout.
    ///
    /// Throws a ``CacheError`` with the code `storeUnavailable`, or `CancellationError`.
    func run<Result: Sendable>(
        _ name: String,
        _ operation: @escaping @Sendable (any RemoteStore) async throws -> Result
    ) async throws -> Result {
        do {
            if store.boundsItsLatency { return try await operation(store) }
            return try await race(operation)
        } catch {
            if Task.isCancelled { throw CancellationError() }
            report(name, error)
            throw CacheError(
                .storeUnavailable,
                "The store could not \(name). Check that it runs and has room; the cache goes on without it.",
                underlyingError: error
            )
        }
    }

    /// Logs a failure, unless one was logged a short while ago.
    func report(_ operation: String, _ error: any Error) {
        failures.record(operation, error, now: clock.now)
    }

    private func race<Result: Sendable>(
        _ operation: @escaping @Sendable (any RemoteStore) async throws -> Result
    ) async throws -> Result {
        let race = Race<Result>()
        let work = Task { [store] in
            do {
                race.end(.success(try await operation(store)))
            } catch {
                race.end(.failure(error))
            }
        }
        let timer = Task { [timeout, clock] in
            guard (try? await clock.sleep(timeout)) != nil else { return }
            race.end(.failure(StoreTimeout(limit: timeout)))
        }
        defer {
            work.cancel()
            timer.cancel()
        }
        return try await withTaskCancellationHandler {
            try await race.result
        } onCancel: {
            race.end(.failure(CancellationError()))
        }
    }
}

/// The store did not answer in time.
package struct StoreTimeout: Error, CustomStringConvertible {
    let limit: Duration

    package var description: String { "no answer within \(limit)" }
}

/// The first of several results, for the one who waits for it.
private final class Race<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, any Error>)
        case ended(Result<Value, any Error>)
        case over
    }

    private let state = Locked(State.open)

    func end(_ result: Result<Value, any Error>) {
        let continuation: CheckedContinuation<Value, any Error>? = state.withLock { state in
            switch state {
            case .open:
                state = .ended(result)
                return nil
            case .awaited(let continuation):
                state = .over
                return continuation
            case .ended, .over:
                return nil
            }
        }
        continuation?.resume(with: result)
    }

    var result: Value {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Value, any Error>? = state.withLock { state in
                    if case .ended(let result) = state {
                        state = .over
                        return result
                    }
                    state = .awaited(continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        }
    }
}
