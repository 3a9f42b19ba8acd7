/// Who a connection says it is.
public struct RESPCredentials: Hashable, Sendable {
    /// The name of the user; `nil` is the default user, the only one of servers before version 6.
    public var user: String?

    /// The password.
    public var password: String

    /// Makes credentials.
    ///
    /// - Parameters:
    ///   - user: The name of the user, or `nil` for the default user.
    ///   - password: The password.
    public init(user: String? = nil, password: String) {
        self.user = user
        self.password = password
    }
}

extension RESPCredentials: CustomStringConvertible, CustomDebugStringConvertible {
    /// The name of the user, without the password.
    public var description: String { "credentials of \(user ?? "the default user")" }

    /// The name of the user, without the password.
    public var debugDescription: String { description }
}

extension RESPConfiguration {
    /// What ``credentials`` tells, with an error that says so if it fails.
    var knownCredentials: RESPCredentials? {
        get async throws {
            do {
                return try await credentials?()
            } catch {
                throw RESPError(.connectionFailed, "the credentials cannot be had", underlyingError: error)
            }
        }
    }
}
