extension CircuitBreaker {
    /// What a breaker has done so far.
    public struct Statistics: Hashable, Sendable {
        /// What the breaker does with calls.
        public var state: State

        /// How often it opened since it was made.
        public var openings: Int

        /// How many calls it refused since it was made.
        public var refusals: Int

        /// How many calls ended within the window, since the breaker last changed its state.
        public var recentCalls: Int

        /// How many of these failed.
        public var recentFailures: Int

        /// How many of these were slow.
        public var recentSlowCalls: Int

        init(_ circuit: Circuit, now: UInt64) {
            let tally = circuit.tally(now: now)
            state = circuit.state
            openings = circuit.openings
            refusals = circuit.refusals
            recentCalls = tally.calls
            recentFailures = tally.failures
            recentSlowCalls = tally.slowCalls
        }
    }
}
