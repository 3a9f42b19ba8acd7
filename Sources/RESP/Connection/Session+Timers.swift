import NIOCore

/// Deadlines and health checks; all on the event loop.
extension Session {
    /// One timer for all calls: it fires at the earliest deadline, finds the late calls, and is set again.
    func scheduleDeadline(_ deadline: Int64) {
        loop.deadlineTimer = eventLoop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(max(0, deadline)))) {
            self.loop.deadlineTimer = nil
            self.expire()
        }
    }

    private func expire() {
        let now = Int64(NIODeadline.now().uptimeNanoseconds)
        let (due, next) = withQueue { queue in
            (queue.expire(now: now, into: &loop.answers), queue.earliestDeadline)
        }
        tell()
        if let next { scheduleDeadline(next) }
        // Nothing at all since the late calls were sent: the server hangs, or the peer is gone without a word.
        if let due, Int64(loop.lastArrival.uptimeNanoseconds) <= due - timeout {
            lose(RESPError(.timedOut, "\(loop.endpoint) has been silent for \(configuration.timeout)"))
        }
        if loop.isClosing { finishClosing() }
    }

    /// Looks now and then whether a caller that wrote by itself has set a deadline, long before it passes.
    func startLookingForDeadlines() {
        let interval = TimeAmount.nanoseconds(max(timeout / 2, 500_000))
        loop.deadlineLookout = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            guard self.loop.deadlineTimer == nil, let next = self.withQueue({ $0.earliestDeadline }) else { return }
            self.scheduleDeadline(next)
        }
    }

    func stopTimers() {
        loop.healthTimer?.cancel()
        loop.healthTimer = nil
        loop.deadlineLookout?.cancel()
        loop.deadlineLookout = nil
    }

    /// Asks a silent server whether it is there; the answer's deadline tells.
    func startHealthChecks() {
        let interval = TimeAmount(configuration.healthCheckInterval)
        loop.healthTimer = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            guard NIODeadline.now() - self.loop.lastArrival >= interval else { return }
            try? self.submit(self.nextCall(), RESPCommand("PING").bytes, replyCount: 1, isPipeline: false, nil)
        }
    }
}
