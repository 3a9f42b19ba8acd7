extension RESPConfiguration {
    /// Reads a URL.
    ///
    /// | URL | what |
    /// |---|---|
    /// | `redis://[[user]:password@]host[:port][/database]` | in the clear; `valkey://` says the same |
    /// | `rediss://…` | encrypted; `valkeys://` says the same |
    /// | `redis+unix://[[user]:password@]/path/of/socket` | a Unix socket; also `valkey+unix` and `unix` |
    ///
    /// All take the parameters `?db=1`, `protocol=2` and `client_name=web`. User and password are percent-encoded.
    ///
    /// - Parameter url: The URL.
    /// - Throws: ``RESPError`` with the code `invalidConfiguration`; its message does not quote the URL, which may
    ///   hold a password.
    public init(url: String) throws(RESPError) {
        guard let schemeEnd = url.firstRange(of: "://") else { throw .badURL("has no scheme") }
        var rest = url[schemeEnd.upperBound...]
        var query: Substring = ""
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        var user: Substring?
        if let mark = rest.lastIndex(of: "@") {
            user = rest[..<mark]
            rest = rest[rest.index(after: mark)...]
        }
        let scheme = url[..<schemeEnd.lowerBound].lowercased()
        switch scheme {
        case "redis", "valkey", "rediss", "valkeys":
            try self.init(authority: rest)
            if scheme == "rediss" || scheme == "valkeys" { tls = RESPTransportSecurity() }
        case "redis+unix", "valkey+unix", "unix":
            guard rest.hasPrefix("/") else { throw .badURL("has no path of a socket") }
            self.init(.unix(path: try Self.decode(rest)))
        default:
            throw .badURL("has the unknown scheme '\(scheme)'")
        }
        if let user { try setCredentials(user) }
        for parameter in query.split(separator: "&") { try set(parameter) }
        try validate()
    }

    private init(authority: Substring) throws(RESPError) {
        let parts = authority.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var host = parts[0]
        var port = 6_379
        if let mark = host.lastIndex(of: ":"), !host.hasSuffix("]") {
            guard let number = UInt16(host[host.index(after: mark)...]) else { throw .badURL("has no valid port") }
            port = Int(number)
            host = host[..<mark]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        self.init(.tcp(host: host.isEmpty ? "127.0.0.1" : String(host), port: port))
        if parts.count > 1, !parts[1].isEmpty {
            guard let number = Int(parts[1]) else { throw .badURL("has no valid database") }
            database = number
        }
    }

    private mutating func setCredentials(_ text: Substring) throws(RESPError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .badURL("names a user without a password") }
        let user = try Self.decode(parts[0])
        let known = RESPCredentials(user: user.isEmpty ? nil : user, password: try Self.decode(parts[1]))
        credentials = { known }
    }

    private mutating func set(_ parameter: Substring) throws(RESPError) {
        let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count == 2 ? try Self.decode(parts[1]) : ""
        switch (parts[0], Int(value)) {
        case ("db", let number?): database = number
        case ("protocol", let number?): protocolVersion = number
        case ("client_name", _) where !value.isEmpty: clientName = value
        default: throw .badURL("has an unknown parameter, or one without its value: '\(parts[0])'")
        }
    }

    private static func decode(_ text: Substring) throws(RESPError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let decoded = UInt8(Substring(rest.prefix(2)), radix: 16), rest.count >= 2 else {
                throw .badURL("has a percent sign without two hexadecimal digits")
            }
            bytes.append(decoded)
            rest.removeFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .badURL("is not UTF-8") }
        return decoded
    }
}

extension RESPError {
    fileprivate static func badURL(_ reason: String) -> RESPError {
        RESPError(.invalidConfiguration, "the URL \(reason); write redis://[user:password@]host:port/database")
    }
}
