import Larder
import LarderProtobuf
import LarderTesting
import SwiftProtobuf
import Testing

@Suite struct ProtobufCodecTests {
    private typealias Fields = Google_Protobuf_Struct

    private func encoded(_ message: some Message) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try ProtobufCodec().encode(message, into: &bytes)
        return bytes
    }

    /// A message in a message, so many times.
    private func nested(_ depth: Int) -> Fields {
        (0..<depth).reduce(Fields()) { inner, _ in Fields(fields: ["inner": .init(structValue: inner)]) }
    }

    @Test("a message comes back from the store, in another process's cache")
    func throughTheStore() async throws {
        let store = DictionaryStore(clock: ManualClock())
        let namespace = CacheNamespace<Int, Fields>("fields", codec: .protobuf())
        let message: Fields = ["name": "Ada", "born": 1815, "languages": .init(listValue: ["en", "fr"])]
        try await CacheSystem(store: store).cache(namespace).setValue(message, forKey: 1)
        let other = try CacheSystem(store: store).cache(namespace)
        #expect(try await other.value(forKey: 1) == message)
    }

    @Test("the codec appends, and leaves alone what the buffer held")
    func appends() throws {
        var bytes: [UInt8] = [1, 2]
        try ProtobufCodec().encode(Google_Protobuf_StringValue("a"), into: &bytes)
        #expect(bytes == [1, 2, 0x0A, 1, UInt8(ascii: "a")])
    }

    @Test("fields that this program does not know yet are kept")
    func unknownFields() throws {
        // Field 100, a number.
        let newer = try encoded(Google_Protobuf_StringValue("a")) + [0xA0, 0x06, 7]
        let value: Google_Protobuf_StringValue = try ProtobufCodec().decode(newer.span.bytes)
        #expect(value.value == "a")
        #expect(try encoded(value) == newer)
    }

    @Test("a message beyond the limits, or cut off at any length, is refused and never another message")
    func limits() throws {
        let codec = ProtobufCodec<Fields>(limits: DecodingLimits(maximumBytes: 400, maximumDepth: 12))
        let message = nested(3)
        let bytes = try encoded(message)
        #expect(try codec.decode(bytes.span.bytes) == message)
        let deep = try encoded(nested(10))
        #expect(deep.count < 400)
        #expect(throws: BinaryDecodingError.messageDepthLimit) { try codec.decode(deep.span.bytes) }
        let long = try encoded(Fields(fields: ["a": .init(stringValue: String(repeating: "b", count: 400))]))
        #expect(throws: InvalidBytes("value too large")) { try codec.decode(long.span.bytes) }
        for length in 1..<bytes.count {
            #expect(throws: BinaryDecodingError.self) { try codec.decode(bytes.span.bytes.extracting(0..<length)) }
        }
    }

    @Test("bytes of another codec are a miss")
    func otherCodec() async throws {
        let store = DictionaryStore(clock: ManualClock())
        let texts = CacheNamespace<Int, String>("values", codec: .text)
        try await CacheSystem(store: store).cache(texts).setValue("\n\u{1}a", forKey: 1)
        let messages = CacheNamespace<Int, Google_Protobuf_StringValue>("values", codec: .protobuf())
        let cache = try CacheSystem(store: store).cache(messages)
        #expect(try await cache.value(forKey: 1) == nil)
        #expect(cache.statistics.undecodable == ["other codec": 1])
    }
}
