extension ManualClock {
    /// Lets time pass, from one moment that somebody sleeps for to the next, until a condition holds or the task is
    /// cancelled.
    ///
    /// Before each step it waits until as many sleep as did before the last one, so that who was woken is not late for
    /// what comes next; but not for long, since some have nothing more to sleep for.
    ///
    /// - Parameters:
    ///   - longestStep: By how much the clock moves at most at once.
    ///   - condition: Whether it is enough.
    public func pass(longestStep: Duration = .milliseconds(100), until condition: () -> Bool) async {
        var usual = 0
        while !condition(), !Task.isCancelled {
            let patience = ContinuousClock.now.advanced(by: .milliseconds(20))
            repeat { await Task.yield() } while sleepers < usual && ContinuousClock.now < patience
            usual = max(sleepers, usual - 1)
            let step = nextDeadline.map { now.duration(to: $0) } ?? longestStep
            advance(by: min(longestStep, max(.nanoseconds(1), step)))
        }
    }
}
