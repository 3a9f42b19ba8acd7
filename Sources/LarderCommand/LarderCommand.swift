import ArgumentParser

@main
struct LarderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "larder",
        abstract: """
            Looks into the files of Larder's embedded store, watches the caches of a process, simulates caches, and serves \
            as a caching proxy.
            """,
        version: "0.1.0",
        subcommands: [
            Inspect.self, Remove.self, Clear.self, DeadLetters.self, Report.self, Top.self, Simulate.self, Edge.self,
        ]
    )
}
