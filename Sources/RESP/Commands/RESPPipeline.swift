/// Several commands that go over the wire together, and whose replies come back together.
///
/// The server carries them out in order; commands of other connections may come in between. One waiting task is
/// woken once for all replies.
public struct RESPPipeline: Sendable {
    private(set) var bytes: [UInt8] = []

    /// How many commands there are.
    public private(set) var count = 0

    /// Whether all of the commands are repeatable.
    public private(set) var isRepeatable = true

    /// Makes a pipeline without commands.
    ///
    /// - Parameter byteCount: How many bytes to make room for.
    public init(reservingCapacity byteCount: Int = 0) {
        bytes.reserveCapacity(byteCount)
    }

    /// Makes a pipeline of commands.
    ///
    /// - Parameter commands: The commands, in order.
    public init(_ commands: [RESPCommand]) {
        self.init(reservingCapacity: commands.reduce(0) { $0 + $1.byteCount })
        for command in commands { append(command) }
    }

    /// Adds a command at the end.
    ///
    /// - Parameter command: The command.
    public mutating func append(_ command: RESPCommand) {
        bytes.append(contentsOf: command.bytes)
        count += 1
        isRepeatable = isRepeatable && command.isRepeatable
    }

    /// How many bytes the commands take on the wire.
    public var byteCount: Int { bytes.count }
}
