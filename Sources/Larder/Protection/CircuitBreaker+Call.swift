import Synchronization

extension CircuitBreaker {
    /// A call that a breaker let through, and that has to be ended once.
    ///
    /// A call that is dropped without an end counts as cancelled.
    public final class Call: Sendable {
        private let breaker: CircuitBreaker
        private let token: Circuit.Token
        private let start: UInt64?
        private let isOver = Atomic<Bool>(false)

        init(breaker: CircuitBreaker, token: Circuit.Token, start: UInt64?) {
            self.breaker = breaker
            self.token = token
            self.start = start
        }

        deinit { end(.cancelled) }

        /// Reports how the call ended; only the first report counts.
        ///
        /// - Parameter outcome: How it ended.
        public func end(_ outcome: Outcome) {
            guard !isOver.exchange(true, ordering: .relaxed) else { return }
            breaker.end(token, start: start, outcome)
        }
    }
}
