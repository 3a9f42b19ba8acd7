import Larder
import NIOConcurrencyHelpers
import RESP

/// Waits for something to be appended to a log, on a connection of its own, for all who read the log.
///
/// Who is woken looks by himself what there is, and may find nothing: the watch tells that it is time to look, no more.
final class LogWatch: Sendable {
    private struct State {
        var waiters: [Int: Race<Void>] = [:]
        var nextWaiter = 0
        /// The offset after which the server is asked for a record, while it is asked.
        var watched: UInt64?
        var task: Task<Void, Never>?
        var isShutDown = false

        mutating func takeWaiters() -> [Race<Void>] {
            defer { waiters = [:] }
            return Array(waiters.values)
        }
    }

    /// How long the server is asked at a time.
    private static let span = Duration.seconds(5)

    /// How long to wait when the server cannot be asked, so that nobody looks too often.
    private static let pause = Duration.milliseconds(10)

    private let client: any RESPClient
    private let stream: [UInt8]
    private let state = NIOLockedValueBox(State())

    /// Makes a watch, which does nothing until somebody waits.
    init(stream: [UInt8], beside client: any RESPClient, timeout: Duration) throws(RESPError) {
        self.stream = stream
        self.client = try client.dedicated(timeout: Self.span + timeout)
    }

    deinit {
        state.withLockedValue { $0.task }?.cancel()
    }

    /// Waits until there may be a record after an offset, the patience is over, or the task is cancelled.
    func waitForChange(after offset: UInt64, atMost patience: Duration) async {
        let race = Race<Void>()
        guard let number = begin(race, after: offset) else { return }
        let end = ContinuousClock.now.advanced(by: patience)
        await race.wait { try await Task.sleep(until: end) }
        state.withLockedValue { $0.waiters[number] = nil }
    }

    /// Wakes all, who find out that the log is shut down, and disconnects.
    func shutdown() async {
        let (waiters, task) = state.withLockedValue { state in
            state.isShutDown = true
            return (state.takeWaiters(), state.task)
        }
        task?.cancel()
        for waiter in waiters { waiter.end(.success(())) }
        await client.close()
    }

    /// Lets one more wait.
    ///
    /// - Returns: The waiter's number; `nil` if there is no need to wait.
    private func begin(_ race: Race<Void>, after offset: UInt64) -> Int? {
        state.withLockedValue { state in
            // Whoever the server was asked for has read further already.
            guard !state.isShutDown, offset >= state.watched ?? 0 else { return nil }
            if state.watched == nil {
                state.watched = offset
                state.task = watch(after: offset)
            }
            state.nextWaiter += 1
            state.waiters[state.nextWaiter] = race
            return state.nextWaiter
        }
    }

    private func watch(after offset: UInt64) -> Task<Void, Never> {
        var command = RESPCommand(
            "XREAD",
            "BLOCK",
            .integer(Int(Self.span / .milliseconds(1))),
            "COUNT",
            1,
            "STREAMS",
            .bytes(stream),
            .text("\(offset)-\(UInt64.max)")
        )
        command.keyPosition = 5
        return Task { [weak self, client, command] in
            do { _ = try await client.execute(command) } catch { try? await Task.sleep(for: Self.pause) }
            self?.wakeAll()
        }
    }

    private func wakeAll() {
        let waiters = state.withLockedValue { state in
            state.watched = nil
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.end(.success(())) }
    }
}
