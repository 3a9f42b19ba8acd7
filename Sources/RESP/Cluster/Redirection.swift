/// What an error of a cluster's server says about where to go instead, or when.
enum Redirection: Hashable, Sendable {
    /// The slot belongs to another server from now on.
    case moved(slot: Int, to: RESPEndpoint)
    /// This one command goes to another server, to which the slot is moving.
    case ask(RESPEndpoint)
    /// Some of the keys have moved already, and some have not: the same again a little later.
    case tryAgain
    /// The server cannot serve for now: it is loading its data, has lost sight of the others, or is no primary any more.
    case unavailable

    /// Reads an error; `nil` if it is the answer to the command.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - asked: The server that answered with it.
    init?(_ error: RESPServerError, from asked: RESPEndpoint) {
        switch error.kind {
        case "MOVED", "ASK":
            let words = error.message.split(separator: " ")
            guard words.count == 3, let slot = Int(words[1]), 0..<KeySlot.count ~= slot,
                let colon = words[2].lastIndex(of: ":"), let port = UInt16(words[2][words[2].index(after: colon)...]),
                let endpoint = RESPEndpoint(host: String(words[2][..<colon]), port: Int(port), saidBy: asked)
            else { return nil }
            self = error.kind == "MOVED" ? .moved(slot: slot, to: endpoint) : .ask(endpoint)
        case "TRYAGAIN":
            self = .tryAgain
        case "CLUSTERDOWN", "LOADING", "MASTERDOWN", "READONLY":
            self = .unavailable
        default:
            return nil
        }
    }
}
