/// A token, key or password: it can be used, and not be printed.
public struct EdgeSecret: Hashable, Sendable {
    /// The secret itself, for requests alone.
    let value: String

    /// Wraps a secret.
    ///
    /// - Parameter value: The secret, from the configuration.
    public init(_ value: String) {
        self.value = value
    }
}

extension EdgeSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Nothing of the secret.
    public var description: String { "secret" }

    /// Nothing of the secret.
    public var debugDescription: String { description }

    /// Nothing of the secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
