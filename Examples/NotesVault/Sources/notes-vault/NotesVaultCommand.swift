import ArgumentParser
import Foundation
import Logging
import NotesVault

/// The command itself.
@main
struct NotesVaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notes-vault",
        abstract: "Serves a folder of Markdown notes over HTTP, and shows what a cache does for it.",
        subcommands: [Serve.self],
        defaultSubcommand: Serve.self
    )
}

/// The subcommand `serve`, which is also what the command does without one.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves the vault until Ctrl-C.",
        discussion: """
            Without --vault a sample of 5,000 linked notes is made on first use. Before it settles to serve, the \
            command replays a workload twice, with the cache off and on, and prints what the cache saved. Notes of \
            your own are only read by the replay, never edited.
            """
    )

    @Option(help: "The folder of your Markdown notes; leave it out for a sample.")
    var vault: String?

    @Option(help: "Where the index, the cache and the sample are kept; made if missing.")
    var data = Serve.defaultData

    @Option(help: "The URL of a Redis server for what is cached, as in redis://127.0.0.1; leave it out for a file.")
    var redis: String?

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 for any that is free.")
    var port = 8_080

    @Option(help: "How many requests each pass of the replay sends.")
    var requests = 20_000

    @Option(help: "How many connections the replay uses.")
    var connections = 4

    @Option(help: "What the sample and the replay are drawn from.")
    var seed: UInt64 = 1

    @Option(help: "How many notes the sample has.")
    var sampleNotes = 5_000

    @Option(help: "The URL of a Varnish in front of the service, which is then purged of what has changed.")
    var varnish: String?

    @Option(help: "The URL that is told of alerts, by a POST with JSON.")
    var alertWebhook: String?

    @Flag(help: "Serve without the replay.")
    var noReplay = false

    @Flag(help: "Serve without the cache, and without the replay.")
    var noCache = false

    @Flag(help: "Log what happens, not only what goes wrong.")
    var verbose = false

    /// Beside the sources when run from the package's folder, else in the current one.
    private static var defaultData: String {
        let example = "Examples/NotesVault"
        return FileManager.default.fileExists(atPath: example) ? example + "/data" : "data"
    }

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("The port \(port) is not a number from 0 to 65535.")
        }
        guard (1...10_000_000).contains(requests) else {
            throw ValidationError("Give --requests from 1 to 10000000, or --no-replay for none.")
        }
        guard varnish == nil || !noCache else {
            throw ValidationError("Without the cache nobody knows what to purge: leave --varnish or --no-cache out.")
        }
        guard (1...1_000).contains(connections) else {
            throw ValidationError("Give --connections from 1 to 1000.")
        }
        guard (1...200_000).contains(sampleNotes) else {
            throw ValidationError("Give --sample-notes from 1 to 200000.")
        }
    }

    func run() async throws {
        var options = NotesVaultOptions()
        options.vaultPath = vault
        options.dataPath = data
        options.redisURL = redis
        options.host = host
        options.port = port
        options.requests = noReplay ? 0 : requests
        options.connections = connections
        options.seed = seed
        options.sampleNotes = sampleNotes
        options.usesCache = !noCache
        options.varnish = varnish
        options.alertWebhook = alertWebhook
        var logger = Logger(label: "notes-vault") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .info : .warning
        do {
            try await NotesVaultService(options: options, console: .standard, logger: logger).run()
        } catch let error as VaultError {
            Console.standard.writeProgress("Error: \(error)\n")
            throw ExitCode.failure
        }
    }
}

extension Console {
    /// The standard streams: output to one, progress to the other.
    static let standard = Console(
        isTerminal: isatty(FileHandle.standardError.fileDescriptor) == 1,
        write: { FileHandle.standardOutput.write(Data(($0 + "\n").utf8)) },
        writeProgress: { FileHandle.standardError.write(Data($0.utf8)) }
    )
}
