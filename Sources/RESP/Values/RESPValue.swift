/// A value of the protocol, in versions 2 and 3.
public enum RESPValue: Hashable, Sendable {
    /// No value: `_`, and the null strings and arrays of version 2.
    case null
    /// A bulk string; a verbatim string without its format.
    case bytes([UInt8])
    /// A simple string, as in `OK`.
    case text(String)
    /// An integer.
    case integer(Int)
    /// A floating-point number.
    case double(Double)
    /// A truth value.
    case boolean(Bool)
    /// The decimal digits of an integer of any size.
    case bigNumber(String)
    /// An error that the server answered with.
    case error(RESPServerError)
    /// A list.
    case array([RESPValue])
    /// A list whose order says nothing.
    case set([RESPValue])
    /// Keys with their values, in the order of the wire.
    case map([RESPPair])
    /// A message that answers no command.
    case push([RESPValue])
}

/// A key of a map, and its value.
public struct RESPPair: Hashable, Sendable {
    /// The key.
    public var key: RESPValue

    /// The value.
    public var value: RESPValue

    /// Makes a pair.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The value.
    public init(key: RESPValue, value: RESPValue) {
        self.key = key
        self.value = value
    }
}

/// An error that a server answered with, such as `WRONGTYPE Operation against a key …`.
public struct RESPServerError: Error, Hashable, CustomStringConvertible {
    /// The whole text of the error.
    public let message: String

    /// Makes an error.
    ///
    /// - Parameter message: The whole text of the error.
    public init(message: String) {
        self.message = message
    }

    /// The first word, which names the kind: `ERR`, `WRONGTYPE`, `NOSCRIPT`, `MOVED`.
    public var kind: Substring { message.prefix { $0 != " " } }

    /// The whole text of the error.
    public var description: String { message }
}
