/// How the service runs.
public struct NotesVaultOptions: Sendable {
    /// The folder of the notes, or `nil` for a sample that is made on first use.
    public var vaultPath: String?

    /// Where the index, the cache and the sample are kept; made if missing.
    public var dataPath = "data"

    /// The URL of a Redis or Valkey server that keeps what is cached, or `nil` for a file in the folder of the data.
    public var redisURL: String?

    /// The address to listen on.
    public var host = "127.0.0.1"

    /// The port to listen on; 0 for any that is free.
    public var port = 8_080

    /// How many requests each pass of the replay sends; 0 for no replay.
    public var requests = 20_000

    /// How many connections the replay uses, at least 1.
    public var connections = 4

    /// What the sample and the replay are drawn from.
    public var seed: UInt64 = 1

    /// How many notes the sample has, at least 1.
    public var sampleNotes = 5_000

    /// Whether reads go through the cache.
    ///
    /// Without it there is no replay.
    public var usesCache = true

    /// The URL of a Varnish in front of the service, which is purged of what has changed; `nil` for none.
    public var varnish: String?

    /// The URL that is told of alerts; `nil` for none.
    public var alertWebhook: String?

    /// Makes the options of `make run`.
    public init() {}
}

/// Where the service writes to.
public struct Console: Sendable {
    /// Takes a line of output.
    public var write: @Sendable (String) -> Void

    /// Takes text about progress, as it is.
    public var writeProgress: @Sendable (String) -> Void

    /// Whether progress is watched on a terminal, where a line can be overwritten.
    public var isTerminal: Bool

    /// Makes a console.
    ///
    /// - Parameters:
    ///   - isTerminal: Whether progress is watched on a terminal.
    ///   - write: Takes a line of output.
    ///   - writeProgress: Takes text about progress, as it is.
    public init(
        isTerminal: Bool,
        write: @escaping @Sendable (String) -> Void,
        writeProgress: @escaping @Sendable (String) -> Void
    ) {
        self.isTerminal = isTerminal
        self.write = write
        self.writeProgress = writeProgress
    }
}
