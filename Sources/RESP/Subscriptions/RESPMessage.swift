/// A message that was published to a channel.
public struct RESPMessage: Hashable, Sendable {
    /// The name of the channel.
    public var channel: String

    /// The pattern by which the message was found; `nil` if the channel was asked for by its name.
    public var pattern: String?

    /// What was published.
    public var payload: [UInt8]

    /// Makes a message.
    ///
    /// - Parameters:
    ///   - channel: The name of the channel.
    ///   - pattern: The pattern by which the message was found.
    ///   - payload: What was published.
    public init(channel: String, pattern: String? = nil, payload: [UInt8]) {
        self.channel = channel
        self.pattern = pattern
        self.payload = payload
    }
}
