/// A vendor's way to purge: what it can, what its requests look like, and what its answers mean.
///
/// All of it is pure: ``EdgeInvalidator`` sends, waits and repeats. Purges are idempotent and commute, so each may be sent
/// again.
public protocol EdgePurger: Sendable {
    /// The name, for logs, metrics and the durable queue; it must stay the same.
    var name: String { get }

    /// What the vendor can.
    var capabilities: EdgeCapabilities { get }

    /// The requests that purge a batch.
    ///
    /// - Parameters:
    ///   - selectors: What to purge: all of one kind, distinct, and no more than ``EdgeCapabilities/batch`` says.
    ///   - isSoft: Whether to mark as stale instead of removing; only for kinds that ``EdgeCapabilities/soft`` names.
    ///   - context: The time, and a number of chance.
    /// - Returns: The requests, most often one.
    /// - Throws: ``EdgeError`` for what cannot be purged.
    func calls(
        for selectors: [EdgeSelector],
        isSoft: Bool,
        context: EdgeCallContext
    ) throws(EdgeError) -> [EdgeCall]

    /// What an answer means.
    ///
    /// - Parameter reply: The answer.
    /// - Returns: What to do next.
    func outcome(of reply: EdgeReply) -> PurgeOutcome
}

extension EdgePurger {
    /// What the statuses of HTTP mean for purges.
    public func outcome(of reply: EdgeReply) -> PurgeOutcome {
        switch reply.status {
        case 200..<300: .done
        case 413: .split("413")
        case 408, 425, 429, 500..<600: .retry(after: reply.retryAfter, "status \(reply.status)")
        default: .rejected("status \(reply.status)")
        }
    }
}

/// What a request is made with that no two requests share.
public struct EdgeCallContext: Hashable, Sendable {
    /// Seconds since 1970 in UTC.
    public var secondsSince1970: Int64
    /// The same for each try of the same batch, and for no other.
    public var identifier: String

    /// Makes a context.
    ///
    /// - Parameters:
    ///   - secondsSince1970: Seconds since 1970 in UTC.
    ///   - identifier: The same for each try of the same batch, and for no other.
    public init(secondsSince1970: Int64, identifier: String) {
        self.secondsSince1970 = secondsSince1970
        self.identifier = identifier
    }
}

/// What an answer to a purge means.
public enum PurgeOutcome: Hashable, Sendable {
    /// It is done, or will be.
    case done
    /// It has to be sent again, after a while that the vendor may have named.
    case retry(after: Duration?, String)
    /// It was too large: each half has to be sent by itself.
    case split(String)
    /// It will never be accepted: somebody has to look.
    case rejected(String)
}
