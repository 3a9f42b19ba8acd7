/// Where a server listens.
public enum RESPEndpoint: Hashable, Sendable {
    /// A host and a port.
    case tcp(host: String, port: Int)
    /// The path of a Unix socket.
    case unix(path: String)
}

extension RESPEndpoint: CustomStringConvertible {
    /// The host and the port, or the path.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}
