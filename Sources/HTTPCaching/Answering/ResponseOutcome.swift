public import HTTPTypes

/// What to do with the origin's answer to a request that was forwarded.
public enum ResponseOutcome: Sendable {
    /// Hand it to the client, with this head.
    ///
    /// If `sendsBody` is false, the body goes into the store alone: the client has it, or did not ask for it.
    case deliver(HTTPResponse, StoreChange, sendsBody: Bool)

    /// Answer from the stored response, which holds: the origin said so.
    case answer(CachedAnswer, StoreChange)

    /// Answer from the stored response, which is stale: the origin fails.
    case answerStale(CachedAnswer)

    /// Ask again, with this request: what the origin confirmed is not what is stored.
    case retry(Forwarding)
}

/// What becomes of the stored response for a request.
public enum StoreChange: Sendable {
    /// It stays as it is.
    case keep
    /// This one is stored, in the place of each that answers the same requests.
    case store(StoredResponse)
    /// It goes.
    case remove
}
