/// What sends requests to vendors.
public protocol EdgeTransport: Sendable {
    /// Sends a request.
    ///
    /// - Parameters:
    ///   - call: The request.
    ///   - timeout: How long all of it may take.
    /// - Returns: The answer, whatever its status.
    /// - Throws: Whatever kept the request from being sent, or the answer from being read in time.
    func send(_ call: EdgeCall, timeout: Duration) async throws -> EdgeReply
}
