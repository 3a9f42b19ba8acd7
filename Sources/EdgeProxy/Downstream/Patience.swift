import NIOCore

/// How long a connection may be silent.
///
/// Each message of a client moves the deadline. The timer stays where it is and looks when it fires, so that a message costs
/// a look at the clock and no timer.
struct Patience {
    /// What to do when the timer has fired.
    enum Turn {
        case wait
        case setTimer(NIODeadline)
        case giveUp
    }

    private var deadline: NIODeadline?
    private var timerFiresAt: NIODeadline?

    /// Begins to wait.
    ///
    /// - Parameters:
    ///   - time: How long.
    ///   - now: The moment.
    /// - Returns: When a timer has to fire, in place of the one before; `nil` if that one is early enough.
    mutating func begin(_ time: TimeAmount, now: NIODeadline) -> NIODeadline? {
        let deadline = now + time
        self.deadline = deadline
        if let timerFiresAt, timerFiresAt <= deadline { return nil }
        timerFiresAt = deadline
        return deadline
    }

    /// Waits no more.
    mutating func end() { deadline = nil }

    /// Says what to do now that the timer has fired.
    mutating func timerFired(now: NIODeadline) -> Turn {
        timerFiresAt = nil
        guard let deadline else { return .wait }
        guard deadline > now else {
            self.deadline = nil
            return .giveUp
        }
        timerFiresAt = deadline
        return .setTimer(deadline)
    }
}
