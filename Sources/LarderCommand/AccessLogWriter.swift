import EdgeProxy
import Foundation

/// Writes a line for each request, on a thread that no request waits for.
///
/// Lines that come faster than they can be written are left out beyond a limit.
final class AccessLogWriter: Sendable {
    private let lines: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    init(limit: Int = 10_000) {
        (lines, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(limit))
    }

    /// Takes a request; it never waits.
    func add(_ access: EdgeAccess) {
        let milliseconds = access.duration / .milliseconds(1)
        continuation.yield(
            """
            \(Date.now.formatted(.iso8601)) \(access.client) "\(access.method) \(Self.printable(access.url))" \
            \(access.status) \(access.bytes) \(String(format: "%.2f", milliseconds))ms \(access.cacheStatus)

            """
        )
    }

    /// Writes until the task is cancelled.
    func run(to file: FileHandle) async {
        for await line in lines { try? file.write(contentsOf: Data(line.utf8)) }
    }

    /// A URL may have any bytes; a log has lines.
    private static func printable(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.isASCII && $0.value > 0x20 && $0 != "\"" ? Character($0) : "?" })
    }
}
