/// Somebody on whose behalf a cache is used.
public struct Principal: Hashable, Sendable {
    /// The name, for the audit and for messages; it gives no rights.
    public let name: String

    /// The names of the roles, which give rights.
    public let roles: Set<String>

    /// Makes a principal.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - roles: The names of the roles.
    public init(_ name: String, roles: Set<String>) {
        self.name = name
        self.roles = roles
    }
}

extension Principal: CustomStringConvertible {
    /// The name.
    public var description: String { name }
}
