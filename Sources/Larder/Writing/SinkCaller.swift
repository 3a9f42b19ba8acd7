import MemoryCache
import Synchronization

/// Calls a sink, and goes on without it after a time limit or when its task is cancelled.
final class SinkCaller<Key: CacheKey, Value: Sendable>: Sendable {
    private let sink: any WriteSink<Key, Value>
    private let timeout: Duration
    private let clock: CacheClock
    private let abandoned = Atomic<Int>(0)

    init(_ sink: any WriteSink<Key, Value>, timeout: Duration, clock: CacheClock) {
        self.sink = sink
        self.timeout = timeout
        self.clock = clock
    }

    /// How many calls were given up and have not ended.
    var abandonedCalls: Int { abandoned.load(ordering: .relaxed) }

    /// Hands writes to the sink.
    ///
    /// - Returns: One result for each write.
    /// - Throws: The sink's error; ``CacheError`` with the code `sinkTimedOut`, or `CancellationError`. After those two
    ///   the sink may have the writes, or take them late.
    func write(_ writes: [SinkWrite<Key, Value>]) async throws -> [SinkResult] {
        let race = Race<[SinkResult]>()
        let work = Task { [self] in
            let isInTime: Bool
            do {
                isInTime = race.end(.success(try await sink.write(writes)))
            } catch {
                isInTime = race.end(.failure(error))
            }
            if !isInTime { abandoned.wrappingSubtract(1, ordering: .relaxed) }
        }
        let alarm = clock.alarm(after: timeout)
        let timer = Task { [self] in
            if (try? await alarm()) != nil { giveUp(race, timedOut) }
        }
        race.afterwards {
            work.cancel()
            timer.cancel()
        }
        let results = try await withTaskCancellationHandler {
            try await race.result
        } onCancel: {
            giveUp(race, CancellationError())
        }
        guard results.count == writes.count else {
            throw CacheError(
                .sinkFailed,
                "The sink answered \(results.count) results for \(writes.count) writes; return one for each, in order."
            )
        }
        return results
    }

    private var timedOut: CacheError {
        CacheError(.sinkTimedOut, "The sink did not answer within \(timeout). Check it, or raise the sinkTimeout.")
    }

    private func giveUp(_ race: Race<[SinkResult]>, _ error: any Error) {
        // Counted first: the call may end, and take itself off the count, before this line is left.
        abandoned.wrappingAdd(1, ordering: .relaxed)
        if !race.end(.failure(error)) { abandoned.wrappingSubtract(1, ordering: .relaxed) }
    }
}
