import Foundation
import Larder
import Synchronization

/// The page that shows what the caches of a process do, live, for any HTTP server: it says what to answer.
///
/// The module LarderHummingbird has the routes for Hummingbird. Show it to operators alone; see <doc:DashboardPage>.
///
/// ```swift
/// let dashboard = Dashboard(SnapshotSource(of: caches, alerts: alerts, title: "shop-7"))
/// let answer = dashboard.answer(to: "/events", query: "window=5m")
/// ```
public final class Dashboard: Sendable {
    private let source: SnapshotSource
    private let interval: Duration
    private let maximumStreams: Int
    private let streams = StreamCount()

    /// How long a stream of events lasts at most; browsers then ask for the next by themselves.
    private static let longestStream = Duration.seconds(600)

    /// Makes a dashboard.
    ///
    /// - Parameters:
    ///   - source: Where its snapshots come from.
    ///   - interval: How often a stream of events has the next snapshot, from 10 ms to an hour; others are brought into
    ///     that range.
    ///   - maximumStreams: How many streams of events may be open at once, at least 1; those beyond are refused with the
    ///     status 503.
    public init(_ source: SnapshotSource, interval: Duration = .seconds(1), maximumStreams: Int = 16) {
        self.source = source
        self.interval = min(max(interval, .milliseconds(10)), .seconds(3_600))
        self.maximumStreams = max(1, maximumStreams)
    }

    /// How many streams of events are open.
    public var openStreams: Int { streams.value }

    /// What to answer to a `GET`.
    ///
    /// The page is at `/`, and what it needs beside it. The place of the page has to end in a slash.
    ///
    /// - Parameters:
    ///   - path: What follows the place of the page in the path: `/`, `/snapshot.json`, `/events`, …
    ///   - query: The query of the URL, percent-encoded, without its question mark: `window=5m&namespace=users`.
    /// - Returns: The answer; the status is 200, 400 for a query that cannot be, 404 for another path, 500, or 503.
    public func answer(to path: String, query: String? = nil) -> DashboardAnswer {
        switch path {
        case "", "/": .file(PackageResources.dashboard_html, "text/html")
        case "/dashboard.css": .file(PackageResources.dashboard_css, "text/css")
        case "/dashboard.js": .file(PackageResources.dashboard_js, "text/javascript")
        case "/charts.js": .file(PackageResources.charts_js, "text/javascript")
        case "/snapshot.json": answer(query) { snapshot($0) }
        case "/events": answer(query) { events($0) }
        default: .message(404, "There is nothing at this place of the dashboard.")
        }
    }

    private func answer(_ query: String?, _ body: (DashboardQuery) -> DashboardAnswer) -> DashboardAnswer {
        guard let query = DashboardQuery(query) else {
            let windows = StatisticsWindow.allCases.map(\.rawValue).joined(separator: ", ")
            return .message(400, "The query cannot be; give a window of \(windows), and a namespace or none.")
        }
        return body(query)
    }

    private func snapshot(_ query: DashboardQuery) -> DashboardAnswer {
        do {
            return .file(try json(query), "application/json")
        } catch {
            return .message(500, "The snapshot could not be written: \(error)")
        }
    }

    private func events(_ query: DashboardQuery) -> DashboardAnswer {
        guard let permit = streams.permit(below: maximumStreams) else {
            var answer = DashboardAnswer.message(
                503,
                "\(maximumStreams) pages watch already, as many as may; close one, or try again later."
            )
            answer.headers.append(("Retry-After", "5"))
            return answer
        }
        let system = source.system
        let events = DashboardEvents(
            permit: permit,
            interval: interval,
            rounds: max(1, Int(Self.longestStream / interval)),
            sleep: { try await system.sleep(for: $0) },
            snapshot: { [self] in try? json(query) }
        )
        return DashboardAnswer(status: 200, "text/event-stream", .events(events))
    }

    private func json(_ query: DashboardQuery) throws -> [UInt8] {
        Array(try source.snapshot(over: query.window, historyOf: query.namespace).json())
    }
}

/// What a query asks for.
private struct DashboardQuery {
    var window = StatisticsWindow.fiveMinutes
    var namespace: String?

    /// Reads a query; `nil` if it cannot be.
    init?(_ query: String?) {
        guard let query, !query.isEmpty else { return }
        guard query.utf8.count <= 2_000, query.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            let components = URLComponents(string: "?" + query, encodingInvalidCharacters: false)
        else { return nil }
        for item in components.queryItems ?? [] {
            guard let value = item.value?.replacing("+", with: " ") else { return nil }
            switch item.name {
            case "window":
                guard let window = StatisticsWindow(rawValue: value) else { return nil }
                self.window = window
            case "namespace":
                namespace = value.isEmpty ? nil : value
            default: break
            }
        }
    }
}

/// How many streams are open.
private final class StreamCount: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    /// Lets one more be open as long as what is returned is kept; `nil` if there are as many as may be.
    func permit(below limit: Int) -> StreamPermit? {
        guard count.wrappingAdd(1, ordering: .relaxed).oldValue < limit else {
            count.wrappingSubtract(1, ordering: .relaxed)
            return nil
        }
        return StreamPermit { [self] in count.wrappingSubtract(1, ordering: .relaxed) }
    }
}

/// Something that is given back when nobody keeps it any more.
final class StreamPermit: Sendable {
    private let giveBack: @Sendable () -> Void

    init(_ giveBack: @escaping @Sendable () -> Void) { self.giveBack = giveBack }

    deinit { giveBack() }
}
