import ArgumentParser
import Foundation
import Larder
import LarderMonitoring
import UnixSignals

/// Shows what the caches of a process do, in a terminal, redrawn in place.
struct Top: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what the caches of a running process do, live, until Ctrl-C.",
        discussion: """
            The process serves a dashboard. A token that it asks for is read from the environment variable LARDER_TOKEN.
            """
    )

    @Argument(help: "The address of the dashboard, as in http://127.0.0.1:8080/larder.")
    var address: String

    @Option(help: "The period that the figures are of.")
    var window = StatisticsWindow.oneMinute

    @Option(help: "How many seconds lie between two looks.")
    var interval = 2.0

    @Flag(help: "Print the figures once, as plain text, and end.")
    var once = false

    func validate() throws {
        guard (0.05...3_600).contains(interval) else { throw ValidationError("Give an --interval from 0.05 to 3600.") }
        guard SnapshotPlace(text: address).isAddress else {
            throw ValidationError("'\(address)' is no address; give one such as http://127.0.0.1:8080/larder.")
        }
    }

    func run() async throws {
        let place = SnapshotPlace(text: address)
        if once {
            let screen = TopScreen(try await place.snapshot(over: window), width: 120, height: .max, isStyled: false)
            return print(screen.lines.joined(separator: "\n"))
        }
        let terminal = TerminalScreen()
        guard terminal.isTerminal else {
            throw CommandError("The standard output is no terminal that could be redrawn; use --once.")
        }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        terminal.begin()
        defer { terminal.end() }
        await withTaskGroup { group in
            group.addTask { for await _ in signals { return } }
            group.addTask { await watch(place, terminal) }
            _ = await group.next()
            group.cancelAll()
        }
    }

    private func watch(_ place: SnapshotPlace, _ terminal: TerminalScreen) async {
        var failures = 0
        repeat {
            do {
                let snapshot = try await place.snapshot(over: window)
                failures = 0
                let size = terminal.size
                terminal.show(TopScreen(snapshot, width: size.columns, height: size.rows, isStyled: true).lines)
            } catch {
                failures += 1
                guard !Task.isCancelled else { return }
                terminal.show(["\(error)".printable, "", "Tried \(failures) times; trying again. Ctrl-C ends."])
            }
        } while (try? await Task.sleep(for: .seconds(interval))) != nil
    }
}
