/// What a ``Dashboard`` answers to a request.
public struct DashboardAnswer: Sendable {
    /// The body of an answer.
    public enum Body: Sendable {
        /// All of it.
        case bytes([UInt8])
        /// Server-sent events, which are to be sent one by one as they come.
        case events(DashboardEvents)
    }

    /// The status of HTTP.
    public var status: Int

    /// The header fields.
    public var headers: [(name: String, value: String)]

    /// The body.
    public var body: Body

    /// What the page may do: nothing but what comes from beside it.
    ///
    /// Not even its own script may make markup of text.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; \
        form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'
        """

    init(status: Int, _ type: String, _ body: Body) {
        self.status = status
        self.body = body
        headers = [
            ("Content-Type", type + "; charset=utf-8"),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", Self.policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ]
    }

    static func file(_ bytes: [UInt8], _ type: String) -> DashboardAnswer {
        DashboardAnswer(status: 200, type, .bytes(bytes))
    }

    static func message(_ status: Int, _ text: String) -> DashboardAnswer {
        DashboardAnswer(status: status, "text/plain", .bytes(Array((text + "\n").utf8)))
    }
}

/// Snapshots as server-sent events: one at once, and then one each interval, until the task that reads them is cancelled.
///
/// Each element is a whole event. As long as the sequence or an iterator of it is kept, it counts as an open stream.
public struct DashboardEvents: AsyncSequence, Sendable {
    let permit: StreamPermit
    let interval: Duration
    /// After how many events it ends.
    let rounds: Int
    let sleep: @Sendable (Duration) async throws -> Void
    let snapshot: @Sendable () -> [UInt8]?

    /// Makes the events, one by one.
    public struct Iterator: AsyncIteratorProtocol {
        private let events: DashboardEvents
        private var round = 0

        init(_ events: DashboardEvents) { self.events = events }

        /// Waits for the time of the next event.
        ///
        /// - Returns: The event; `nil` at the end, which is also where the task is cancelled.
        public mutating func next() async -> [UInt8]? {
            guard round < events.rounds else { return nil }
            if round > 0, (try? await events.sleep(events.interval)) == nil { return nil }
            round += 1
            guard let snapshot = events.snapshot() else { return nil }
            return Array("event: snapshot\ndata: ".utf8) + snapshot + Array("\n\n".utf8)
        }
    }

    /// Makes an iterator.
    public func makeAsyncIterator() -> Iterator { Iterator(self) }
}
