import HTTPTypes

/// Tells the origin who asked, RFC 7239.
enum ForwardedField {
    /// What clients may have put there themselves.
    private static let names = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"]

    /// One member of the field.
    ///
    /// - Parameters:
    ///   - client: The address of the client; `nil` if it is unknown.
    ///   - host: The host that it asked for.
    ///   - scheme: How.
    /// - Returns: As in `for=192.0.2.1;host=example.org;proto=http`, with quotes where RFC 7239 wants them.
    static func member(client: String?, host: String, scheme: String) -> String {
        let node = client.map { $0.contains(":") ? "\"[\($0)]\"" : $0 } ?? "unknown"
        var member = "for=\(node)"
        if !host.isEmpty { member += ";host=\(isToken(host) ? host : "\"\(host)\"")" }
        return member + ";proto=\(scheme)"
    }

    /// Removes what a client says of who it is.
    static func remove(from fields: inout HTTPFields) {
        fields.removeAll { names.contains($0.name.canonicalName) }
    }

    /// Hosts have neither quotes nor backslashes; what else is no token has a colon or brackets.
    private static func isToken(_ text: String) -> Bool { !text.utf8.contains { ":[]\"\\".utf8.contains($0) } }
}
