/// A request that a proxy has answered, for an access log.
public struct EdgeAccess: Hashable, Sendable {
    /// The address of the client, without its port.
    public var client: String
    /// The method.
    public var method: String
    /// The URL.
    public var url: String
    /// The status of the answer; 0 if the client was gone before it.
    public var status: Int
    /// How many bytes of a body the client was sent.
    public var bytes: Int
    /// How long it took, from the request's head to the answer's end.
    public var duration: Duration
    /// What the cache did, as in `Cache-Status`.
    public var cacheStatus: String
}
