import LarderTesting
import Logging
import NIOConcurrencyHelpers
import Testing

@testable import RESP

@Suite("Subscriptions")
struct RESPSubscriberTests {
    private let logger = Logger(label: "test")

    @Test("messages of channels and patterns arrive", .enabled(if: RedisServer.isInstalled), arguments: [2, 3])
    func messages(version: Int) async throws {
        let server = try await RedisServer.start()
        var configuration = try RESPConfiguration(url: server.url)
        configuration.protocolVersion = version
        let subscriber = try RESPSubscriber(configuration, channels: ["a", "b"], patterns: ["c:*"], logger: logger)
        let connection = try RESPConnection.connect(server.url)
        var events = subscriber.events.makeAsyncIterator()
        #expect(await events.next() == .subscribed)
        for (channel, payload) in [("a", "1"), ("c:x", "2"), ("unheard", "3"), ("b", "4")] {
            _ = try await connection.execute(RESPCommand("PUBLISH", .text(channel), .text(payload)))
        }
        #expect(await events.next() == .message(RESPMessage(channel: "a", payload: Array("1".utf8))))
        #expect(await events.next() == .message(RESPMessage(channel: "c:x", pattern: "c:*", payload: Array("2".utf8))))
        #expect(await events.next() == .message(RESPMessage(channel: "b", payload: Array("4".utf8))))
        await subscriber.close()
        #expect(await events.next() == nil)
        await connection.close()
    }

    @Test("after the server was away the gap is told, and messages come again", .enabled(if: RedisServer.isInstalled))
    func restart() async throws {
        let server = try await RedisServer.start()
        let configuration = try RESPConfiguration(url: server.url)
        let subscriber = try RESPSubscriber(configuration, channels: ["a"], logger: logger)
        var events = subscriber.events.makeAsyncIterator()
        #expect(await events.next() == .subscribed)
        server.kill()
        #expect(await events.next() == .interrupted)
        try await server.start()
        #expect(await events.next() == .subscribed)
        let connection = try RESPConnection.connect(server.url)
        _ = try await connection.execute(RESPCommand("PUBLISH", "a", "x"))
        #expect(await events.next() == .message(RESPMessage(channel: "a", payload: Array("x".utf8))))
        await subscriber.close()
        await connection.close()
    }

    @Test("a reader that is too slow is told of the gap before what came after it")
    func slowReader() async throws {
        let state = NIOLockedValueBox(SubscriberState(channels: 1))
        let (stream, continuation) = AsyncStream.makeStream(
            of: RESPSubscriber.Event.self,
            bufferingPolicy: .bufferingOldest(2)
        )
        var events = stream.makeAsyncIterator()
        let messages = (0..<5).map { RESPSubscriber.Event.message(RESPMessage(channel: "a", payload: [$0])) }
        for message in messages[0..<4] { RESPSubscriber.tell(message, to: continuation, state) }
        #expect(await events.next() == messages[0])
        #expect(await events.next() == messages[1])
        RESPSubscriber.tell(messages[4], to: continuation, state)
        #expect(await events.next() == .interrupted)
        #expect(await events.next() == messages[4])
    }
}
