public import HTTPTypes

/// The fields that concern one connection alone, RFC 9110, section 7.6.1, and so are neither forwarded nor stored.
public enum HopByHopFields {
    private static let names: Set<HTTPField.Name> = [
        .connection, .keepAlive, .proxyConnection, .proxyAuthenticate, .proxyAuthenticationInfo, .proxyAuthorization,
        .te, .trailer, .transferEncoding, .upgrade,
    ]

    /// Removes them, and those that `Connection` names.
    ///
    /// - Parameter fields: The fields of a request or a response.
    /// - Complexity: O(fields).
    public static func remove(from fields: inout HTTPFields) {
        let listed = fields.contains(.connection) ? FieldList.names(in: fields, of: .connection) : []
        fields.removeAll { names.contains($0.name) || listed.contains($0.name) }
    }
}
