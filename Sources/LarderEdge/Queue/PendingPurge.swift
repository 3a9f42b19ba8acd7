/// A purge that waits to be sent.
public struct PendingPurge: Hashable, Sendable {
    /// The name of the purger that is to send it.
    public var purger: String
    /// What to purge.
    public var request: PurgeRequest
    /// Whether it repeats one that was done, for what was being fetched at that time.
    public var isEcho: Bool
    /// When it may be sent, in milliseconds since 1970 in UTC.
    public var due: Int64
    /// When it was asked for first, in milliseconds since 1970 in UTC.
    public var addedAt: Int64
    /// Which of several equal ones it is: a queue numbers what is added.
    public var number: Int64 = 0

    /// Makes a pending purge.
    ///
    /// - Parameters:
    ///   - purger: The name of the purger that is to send it.
    ///   - request: What to purge.
    ///   - isEcho: Whether it repeats one that was done.
    ///   - due: When it may be sent, in milliseconds since 1970 in UTC.
    ///   - addedAt: When it was asked for first, in milliseconds since 1970 in UTC.
    public init(purger: String, request: PurgeRequest, isEcho: Bool, due: Int64, addedAt: Int64) {
        self.purger = purger
        self.request = request
        self.isEcho = isEcho
        self.due = due
        self.addedAt = addedAt
    }
}
