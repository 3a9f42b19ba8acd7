/// Callers who wait for something, in the order in which they came.
///
/// A value type: it hands continuations out, to be resumed once the lock around it is free.
struct WaitingLine: Sendable {
    typealias Continuation = CheckedContinuation<Void, any Error>

    private var waiting: [UInt64: Continuation] = [:]
    private var order = FIFO<UInt64>()
    private var cancelled: Set<UInt64> = []
    private var last: UInt64 = 0

    var isEmpty: Bool { waiting.isEmpty }

    /// A number for a caller to be.
    mutating func ticket() -> UInt64 {
        last += 1
        return last
    }

    /// Adds a caller, unless it was cancelled before it came.
    ///
    /// - Returns: Whether it waits.
    mutating func enter(_ ticket: UInt64, _ continuation: Continuation) -> Bool {
        guard cancelled.remove(ticket) == nil else { return false }
        waiting[ticket] = continuation
        order.append(ticket)
        return true
    }

    /// Takes a caller out who no longer wants to wait.
    mutating func cancel(_ ticket: UInt64) -> Continuation? {
        guard let continuation = waiting.removeValue(forKey: ticket) else {
            cancelled.insert(ticket)
            return nil
        }
        return continuation
    }

    /// Forgets a caller who has left.
    mutating func leave(_ ticket: UInt64) {
        cancelled.remove(ticket)
    }

    /// Takes out those who came first.
    mutating func removeFirst(_ count: Int) -> [Continuation] {
        var removed: [Continuation] = []
        while removed.count < count, let ticket = order.removeFirst() {
            if let continuation = waiting.removeValue(forKey: ticket) { removed.append(continuation) }
        }
        return removed
    }

    /// Takes out all.
    mutating func removeAll() -> [Continuation] { removeFirst(.max) }
}
