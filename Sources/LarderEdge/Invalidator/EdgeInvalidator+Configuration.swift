extension EdgeInvalidator {
    /// The settings of an invalidator.
    public struct Configuration: Sendable {
        /// How long the slowest response takes that the edge may store: purges are repeated after that.
        public var longestLoad: Duration = .seconds(30)
        /// How long purges are gathered before they are sent, so that many travel together.
        public var linger: Duration = .milliseconds(50)
        /// How long a request may take.
        public var requestTimeout: Duration = .seconds(10)
        /// How long to wait after the first failure; after each further one up to twice as long.
        public var shortestBackoff: Duration = .milliseconds(200)
        /// How long to wait after a failure at most.
        public var longestBackoff: Duration = .seconds(60)
        /// How long a purge may wait before there is an alert.
        public var alertLag: Duration = .seconds(30)
        /// Whether more may be purged than was asked for, where a vendor cannot do just that.
        public var mayWiden = true
        /// Is told of alerts, and of their end.
        public var onAlert: @Sendable (EdgeAlert) -> Void = { _ in }

        /// The default settings.
        public init() {}

        func validate() throws(EdgeError) {
            guard longestLoad >= .zero, linger >= .zero, requestTimeout > .zero, shortestBackoff > .zero,
                longestBackoff >= shortestBackoff, alertLag > .zero
            else {
                throw EdgeError(
                    .invalidConfiguration,
                    "longestLoad and linger have to be zero or more, requestTimeout, shortestBackoff and alertLag above "
                        + "zero, and longestBackoff no less than shortestBackoff."
                )
            }
        }
    }
}
