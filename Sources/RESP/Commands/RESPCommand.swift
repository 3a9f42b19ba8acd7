/// A command, encoded and ready to be sent any number of times.
///
/// ```swift
/// let reply = try await connection.execute(RESPCommand("SET", "greeting", "hello", "EX", 60))
/// ```
public struct RESPCommand: Sendable {
    /// The command as it goes over the wire.
    let bytes: [UInt8]

    /// Whether it does no harm to carry the command out twice.
    ///
    /// Such a command is sent again when the connection broke before its reply came.
    public var isRepeatable: Bool

    /// Which of the arguments is the key by which a cluster finds the server, counted from 0; `nil` is for commands
    /// that any server can carry out.
    ///
    /// It is the first argument unless something else is said, as for `XREAD BLOCK 0 STREAMS key $`.
    public var keyPosition: Int? = 0

    /// Whether a replica may answer, which may not know the newest values; see
    /// ``RESPClusterOptions/readsFromReplicas``.
    public var isForReplicas = false

    /// Encodes a command.
    ///
    /// - Parameters:
    ///   - name: The name of the command.
    ///   - arguments: Its arguments, in order.
    ///   - isRepeatable: Whether it does no harm to carry the command out twice.
    public init(_ name: StaticString, _ arguments: RESPArgument..., isRepeatable: Bool = false) {
        self.init(name, arguments: arguments, isRepeatable: isRepeatable)
    }

    /// Encodes a command with a list of arguments.
    ///
    /// - Parameters:
    ///   - name: The name of the command.
    ///   - arguments: Its arguments, in order.
    ///   - isRepeatable: Whether it does no harm to carry the command out twice.
    public init(_ name: StaticString, arguments: [RESPArgument], isRepeatable: Bool = false) {
        self.isRepeatable = isRepeatable
        var size = RESPWriter.size(ofHeadWith: arguments.count + 1) + RESPWriter.size(ofString: name.utf8CodeUnitCount)
        for argument in arguments { size += argument.encodedSize }
        bytes = [UInt8](unsafeUninitializedCapacity: size) { memory, count in
            var writer = RESPWriter(memory)
            writer.writeHead(argumentCount: arguments.count + 1)
            writer.writeString(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
            for argument in arguments { argument.write(into: &writer) }
            count = writer.count
        }
    }

    /// Encodes a command with one argument, without a list of arguments.
    ///
    /// - Parameters:
    ///   - name: The name of the command.
    ///   - key: Its argument.
    ///   - isRepeatable: Whether it does no harm to carry the command out twice.
    public init(_ name: StaticString, key: [UInt8], isRepeatable: Bool = false) {
        self.isRepeatable = isRepeatable
        let size =
            RESPWriter.size(ofHeadWith: 2) + RESPWriter.size(ofString: name.utf8CodeUnitCount)
            + RESPWriter.size(ofString: key.count)
        bytes = [UInt8](unsafeUninitializedCapacity: size) { memory, count in
            var writer = RESPWriter(memory)
            writer.writeHead(argumentCount: 2)
            writer.writeString(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
            key.withUnsafeBufferPointer { writer.writeString($0) }
            count = writer.count
        }
    }

    /// How many bytes the command takes on the wire.
    public var byteCount: Int { bytes.count }
}

/// An argument of a command.
public enum RESPArgument: Hashable, Sendable {
    /// Bytes as they are.
    case bytes([UInt8])
    /// A text in UTF-8.
    case text(String)
    /// A number in decimal.
    case integer(Int)

    var encodedSize: Int {
        switch self {
        case .bytes(let bytes): RESPWriter.size(ofString: bytes.count)
        case .text(let text): RESPWriter.size(ofString: text.utf8.count)
        case .integer(let integer): RESPWriter.size(ofString: RESPWriter.size(ofInteger: integer))
        }
    }

    func write(into writer: inout RESPWriter) {
        switch self {
        case .bytes(let bytes):
            bytes.withUnsafeBufferPointer { writer.writeString($0) }
        case .text(var text):
            text.withUTF8 { writer.writeString($0) }
        case .integer(let integer):
            writer.writeIntegerString(integer)
        }
    }
}

extension RESPArgument: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    /// A text in UTF-8.
    public init(stringLiteral value: String) {
        self = .text(value)
    }

    /// A number in decimal.
    public init(integerLiteral value: Int) {
        self = .integer(value)
    }
}
