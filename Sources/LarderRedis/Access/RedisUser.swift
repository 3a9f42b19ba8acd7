/// The rights of one role on a server, as rules of its access control list.
public struct RedisUser: Hashable, Sendable, CustomStringConvertible {
    /// The name of the user.
    public let name: String

    /// The rules, as `ACL SETUSER` takes them behind the name.
    ///
    /// They give no password. Until it has one, as in `>secret`, nobody can log in as this user.
    public let rules: [String]

    /// The line for a file of users; a password has to be added.
    public var description: String { (["user", name] + rules).joined(separator: " ") }
}
