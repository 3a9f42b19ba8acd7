/// A Lua script that the server keeps and is asked for by its digest.
public struct RESPScript: Hashable, Sendable {
    /// The text of the script.
    public let source: String

    /// The digest of the text, by which the server knows the script.
    public let digest: String

    /// Whether it does no harm to run the script twice with the same arguments.
    public let isRepeatable: Bool

    /// Makes a script; nothing is sent.
    ///
    /// - Parameters:
    ///   - source: The text of the script.
    ///   - isRepeatable: Whether it does no harm to run it twice with the same arguments.
    public init(_ source: String, isRepeatable: Bool = false) {
        self.source = source
        self.isRepeatable = isRepeatable
        digest = SHA1.hexadecimalDigest(of: Array(source.utf8))
    }

    /// The command that runs the script by its digest; fails with `NOSCRIPT` if the server does not have it.
    ///
    /// - Parameters:
    ///   - keys: The keys that the script touches.
    ///   - arguments: What else it needs.
    /// - Returns: The command.
    public func command(keys: [RESPArgument], arguments: [RESPArgument] = []) -> RESPCommand {
        command("EVALSHA", digest, keys, arguments)
    }

    /// The command that runs the script by its text, after which the server has it.
    ///
    /// - Parameters:
    ///   - keys: The keys that the script touches.
    ///   - arguments: What else it needs.
    /// - Returns: The command.
    public func loadingCommand(keys: [RESPArgument], arguments: [RESPArgument] = []) -> RESPCommand {
        command("EVAL", source, keys, arguments)
    }

    private func command(
        _ name: StaticString,
        _ script: String,
        _ keys: [RESPArgument],
        _ arguments: [RESPArgument]
    ) -> RESPCommand {
        var command = RESPCommand(
            name,
            arguments: [.text(script), .integer(keys.count)] + keys + arguments,
            isRepeatable: isRepeatable
        )
        command.keyPosition = keys.isEmpty ? nil : 2
        return command
    }
}

extension RESPScript {
    /// The keys and arguments of one run of a script.
    public struct Call: Sendable {
        /// The keys that the script touches.
        public var keys: [RESPArgument]

        /// What else it needs.
        public var arguments: [RESPArgument]

        /// Makes a call.
        ///
        /// - Parameters:
        ///   - keys: The keys that the script touches.
        ///   - arguments: What else it needs.
        public init(keys: [RESPArgument], arguments: [RESPArgument] = []) {
            self.keys = keys
            self.arguments = arguments
        }

        /// How many bytes the keys and arguments take on the wire.
        public var byteCount: Int { (keys + arguments).reduce(0) { $0 + $1.encodedSize } }
    }
}
