/// What commands can be sent to: one server, the primary that sentinels name, or a cluster.
///
/// Who calls it does not know how many servers there are. A command goes to the server of its key, see
/// ``RESPCommand/keyPosition``; commands that are sent together leave in one piece for each server, and their replies
/// are joined in the order of the commands.
public protocol RESPClient: AnyObject, Sendable {
    /// Sends a command and waits for its reply.
    ///
    /// - Parameter command: The command.
    /// - Returns: The reply, which is no error.
    /// - Throws: ``RESPError``, with the code `serverError` if the reply is an error; `CancellationError` if the task
    ///   is cancelled.
    func execute(_ command: RESPCommand) async throws -> RESPValue

    /// Sends several commands, in one piece to each server, and waits for all replies.
    ///
    /// - Parameter commands: The commands.
    /// - Returns: A reply for each command, in order; some may be errors.
    /// - Throws: ``RESPError``; `CancellationError` if the task is cancelled.
    func execute(_ commands: [RESPCommand]) async throws -> [RESPValue]

    /// Divides keys so that one command may touch all keys of a part, as `MGET` does.
    ///
    /// - Parameter keys: The keys.
    /// - Returns: The places of the keys in `keys`, in parts; each place is in one of them.
    func parts(of keys: [[UInt8]]) -> [[Int]]

    /// The servers that hold the keys, each by its own connection, for commands about a whole server such as `SCAN`.
    ///
    /// - Returns: One connection for each server, which belong to the client.
    /// - Throws: ``RESPError`` if the servers cannot be found.
    func primaries() async throws -> [RESPConnection]

    /// Makes another client of the same servers, for commands that block their connection.
    ///
    /// - Parameter timeout: How long its calls may take, more than zero: for commands that block, longer than they do;
    ///   `nil` is as long as this one's.
    /// - Returns: The client.
    /// - Throws: ``RESPError`` with the code `invalidConfiguration`.
    func dedicated(timeout: Duration?) throws(RESPError) -> Self

    /// Makes a subscriber of the same servers, which hears what is published on any of them.
    ///
    /// - Parameters:
    ///   - channels: The names of channels.
    ///   - patterns: Patterns of names, in which `*`, `?` and `[…]` stand for others.
    /// - Returns: The subscriber, with a connection of its own.
    /// - Throws: ``RESPError`` with the code `invalidConfiguration`.
    func subscriber(channels: [String], patterns: [String]) throws(RESPError) -> RESPSubscriber

    /// Takes no more calls, waits until those that were sent have ended, and disconnects.
    func close() async
}

extension RESPClient {
    /// Runs a script by its digest, and with its text if the server does not have it yet.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - keys: The keys that it touches, all on one server.
    ///   - arguments: What else it needs.
    /// - Returns: What the script returned, which is no error.
    /// - Throws: ``RESPError``, with the code `serverError` if the script failed; `CancellationError` if the task is
    ///   cancelled.
    public func execute(
        _ script: RESPScript,
        keys: [RESPArgument],
        arguments: [RESPArgument] = []
    ) async throws -> RESPValue {
        let replies = try await execute(script, calls: [RESPScript.Call(keys: keys, arguments: arguments)])
        guard let reply = replies.first else { throw RESPError(.unexpectedReply, "a script was not answered") }
        if case .error(let error) = reply { throw RESPError(error) }
        return reply
    }

    /// Runs a script several times, in one piece on each server, by its digest, and again with its text where a
    /// server did not have it yet.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - calls: The keys and arguments of each run; the keys of a run are on one server.
    /// - Returns: What each run returned, in order; some may be errors.
    /// - Throws: ``RESPError``; `CancellationError` if the task is cancelled.
    public func execute(_ script: RESPScript, calls: [RESPScript.Call]) async throws -> [RESPValue] {
        var replies = try await execute(calls.map { script.command(keys: $0.keys, arguments: $0.arguments) })
        let missed = replies.indices.filter { index in
            if case .error(let error) = replies[index] { error.kind == "NOSCRIPT" } else { false }
        }
        guard !missed.isEmpty else { return replies }
        let loading = missed.map { script.loadingCommand(keys: calls[$0].keys, arguments: calls[$0].arguments) }
        for (index, reply) in zip(missed, try await execute(loading)) { replies[index] = reply }
        return replies
    }
}
