/// What a subscriber knows: which confirmations are still to come, and whether events were dropped.
struct SubscriberState: Sendable {
    private let channels: Int
    private var confirmed = 0

    /// Whether the reader was too slow for an event.
    var hasDropped = false

    init(channels: Int) {
        self.channels = channels
    }

    /// What an event of the connection means to the reader.
    mutating func receive(_ event: RESPEvent) -> RESPSubscriber.Event? {
        switch event {
        case .connected:
            confirmed = 0
            return nil
        case .disconnected:
            // Only what interrupts a subscription is worth telling, not each attempt to connect again.
            defer { confirmed = 0 }
            return confirmed > 0 ? .interrupted : nil
        case .push(let elements):
            return receive(elements)
        }
    }

    private mutating func receive(_ elements: [RESPValue]) -> RESPSubscriber.Event? {
        switch (elements.first?.string, elements.count) {
        case ("subscribe", _), ("psubscribe", _):
            confirmed += 1
            return confirmed == channels ? .subscribed : nil
        case ("message", 3):
            return message(channel: elements[1], pattern: nil, payload: elements[2])
        case ("pmessage", 4):
            return message(channel: elements[2], pattern: elements[1].string, payload: elements[3])
        default:
            return nil
        }
    }

    private func message(channel: RESPValue, pattern: String?, payload: RESPValue) -> RESPSubscriber.Event? {
        guard let channel = channel.string, let payload = payload.stringBytes else { return nil }
        return .message(RESPMessage(channel: channel, pattern: pattern, payload: payload))
    }
}
