import Logging
import MemoryCache
import NIOCore
import NIOPosix

@testable import EdgeProxy

/// A proxy in front of a scripted origin, and bytes to and from it.
struct ProxyHarness: Sendable {
    let origin: ScriptedOrigin
    let port: Int
    /// Asks the proxy to end.
    let stop: @Sendable () -> Void

    /// Runs a proxy for as long as a test needs it.
    static func run(
        clock: MovableClock? = nil,
        _ script: @escaping ScriptedOrigin.Script,
        configure: (inout EdgeProxyConfiguration) -> Void = { _ in },
        _ body: @Sendable (ProxyHarness) async throws -> Void
    ) async throws {
        let origin = ScriptedOrigin(script)
        try await origin.start()
        do {
            try await run(origin, port: origin.port, clock: clock, configure: configure, body)
        } catch {
            try? await origin.stop()
            throw error
        }
        try await origin.stop()
    }

    /// Runs a proxy in front of an origin that sends any bytes.
    static func run(
        _ origin: RawOrigin,
        configure: (inout EdgeProxyConfiguration) -> Void = { _ in },
        _ body: @Sendable (ProxyHarness) async throws -> Void
    ) async throws {
        try await origin.start()
        do {
            let unused = ScriptedOrigin { _ in .init() }
            try await run(unused, port: origin.port, clock: nil, configure: configure, body)
            try await unused.stop()
        } catch {
            try? await origin.stop()
            throw error
        }
        try await origin.stop()
    }

    private static func run(
        _ origin: ScriptedOrigin,
        port originPort: Int,
        clock: MovableClock?,
        configure: (inout EdgeProxyConfiguration) -> Void,
        _ body: @Sendable (ProxyHarness) async throws -> Void
    ) async throws {
        var configuration = EdgeProxyConfiguration(originHost: "127.0.0.1", originPort: originPort)
        configuration.purgeToken = "token"
        configure(&configuration)
        let ports = AsyncStream<Int>.makeStream()
        let proxy = try EdgeProxy(
            configuration,
            threads: 2,
            clock: clock?.proxyClock ?? .system,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) {
            ports.continuation.yield($0)
        }
        let task = Task { try await proxy.run() }
        var iterator = ports.stream.makeAsyncIterator()
        let port = await iterator.next() ?? 0
        do {
            try await body(ProxyHarness(origin: origin, port: port) { task.cancel() })
        } catch {
            task.cancel()
            _ = await task.result
            throw error
        }
        task.cancel()
        _ = await task.result
    }

    struct Reply: Sendable {
        var status = 0
        var fields: [(name: String, value: String)] = []
        var body = ""

        subscript(name: String) -> String? { fields.first { $0.name.lowercased() == name.lowercased() }?.value }
        var isHit: Bool { self["Cache-Status"]?.contains("hit") == true }
    }

    func get(_ path: String, _ fields: [(String, String)] = [], method: String = "GET", body: String? = nil)
        async throws -> Reply
    {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n"
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        return Self.parse(try await exchange(text + "\r\n" + (body ?? "")))
    }

    /// Sends bytes, and reads all that comes until the connection is closed.
    func exchange(_ text: String) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var received = ByteBuffer()
            do {
                try await outbound.write(ByteBuffer(string: text))
                for try await part in inbound { received.writeImmutableBuffer(part) }
            } catch {
                // The proxy may close before it has read all; what was received before that is the answer.
            }
            return String(buffer: received)
        }
    }

    static func parse(_ text: String) -> Reply {
        var reply = Reply()
        guard let end = text.range(of: "\r\n\r\n") else { return reply }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        reply.status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            reply.fields.append((String(line[..<colon]), String(value)))
        }
        reply.body = String(text[end.upperBound...])
        if reply["Transfer-Encoding"] == "chunked" { reply.body = unchunked(reply.body) }
        return reply
    }

    private static func unchunked(_ text: String) -> String {
        var bytes = Array(text.utf8)[...]
        var body: [UInt8] = []
        while let end = bytes.firstIndex(of: 13),
            let size = Int(String(decoding: bytes[..<end], as: UTF8.self), radix: 16),
            size > 0
        {
            bytes = bytes[(end + 2)...]
            body += bytes.prefix(size)
            bytes = bytes.dropFirst(size + 2)
        }
        return String(decoding: body, as: UTF8.self)
    }
}

extension String {
    fileprivate func range(of other: String) -> Range<Index>? { firstRange(of: other) }
}
