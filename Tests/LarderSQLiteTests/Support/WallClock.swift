import Synchronization

/// A wall clock that a test sets, forwards and backwards.
final class WallClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_700_000_000_000)

    var now: @Sendable () -> Int64 {
        { self.milliseconds.withLock { $0 } }
    }

    func advance(by duration: Duration) {
        milliseconds.withLock { $0 += Int64(duration / .milliseconds(1)) }
    }
}
