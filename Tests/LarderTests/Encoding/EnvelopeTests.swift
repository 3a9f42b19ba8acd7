import Larder
import LarderTesting
import Testing

@Suite struct EnvelopeTests {
    private let key = StoreKey("larder:users:7")
    private let head = Envelope(
        isAbsent: false,
        formatVersion: 3,
        timeToLive: .seconds(60),
        grace: .milliseconds(1_500)
    )

    @Test("the bytes of version 1 are these for ever")
    func golden() throws {
        let bytes = try head.encode(key: key) { $0.append(contentsOf: "value".utf8) }
        let golden: [UInt8] = [
            0x4C, 0x52, 0x01, 0x00, 0x03, 0x00, 0x00, 0x00,
            0x60, 0xEA, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0xDC, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        ]
        #expect(Array(bytes.prefix(24)) == golden)
        #expect(Array(bytes.suffix(5)) == Array("value".utf8))
        #expect(bytes.count == Envelope.headSize + 5)
        #expect(try Envelope(bytes.span.bytes, key: key, formatVersion: 3) == head)
    }

    @Test("an absence has no bytes of a value")
    func absence() throws {
        let absent = Envelope(isAbsent: true, formatVersion: 1, timeToLive: .seconds(1), grace: .zero)
        let bytes = try absent.encode(key: key) { _ in }
        #expect(bytes.count == Envelope.headSize)
        #expect(try Envelope(bytes.span.bytes, key: key, formatVersion: 1).isAbsent)
    }

    @Test("each damage has its reason")
    func reasons() throws {
        let bytes = try head.encode(key: key) { $0.append(contentsOf: "value".utf8) }
        func reason(_ change: (inout [UInt8]) -> Void, key: StoreKey? = nil, formatVersion: UInt16 = 3) -> String? {
            var changed = bytes
            change(&changed)
            do {
                _ = try Envelope(changed.span.bytes, key: key ?? self.key, formatVersion: formatVersion)
                return nil
            } catch {
                return error.description
            }
        }
        #expect(reason { _ in } == nil)
        #expect(reason { $0.removeLast(6) } == "truncated envelope")
        #expect(reason { $0[0] = 0 } == "not an envelope")
        #expect(reason { $0[2] = 2 } == "unknown envelope version")
        #expect(reason { $0[30] ^= 1 } == "wrong checksum or key")
        #expect(reason({ _ in }, key: StoreKey("larder:users:8")) == "wrong checksum or key")
        #expect(reason({ _ in }, formatVersion: 4) == "other format version")
    }

    @Test("a codec that replaces the buffer instead of appending to it is refused")
    func replacedBuffer() {
        #expect(throws: InvalidBytes.self) { try head.encode(key: key) { $0 = [1, 2, 3] } }
    }

    @Test("the checksum is CRC-32C, whatever the pieces it is fed in")
    func checksum() {
        // The check value of the catalogue of parametrised CRC algorithms, CRC-32/ISCSI.
        let text = Array("123456789".utf8)
        for split in 0...text.count {
            var checksum = Checksum()
            checksum.update(text.span.bytes.extracting(0..<split))
            checksum.update(text.span.bytes.extracting(split..<text.count))
            #expect(checksum.value == 0xE306_9283)
        }
        var zeros = Checksum()
        zeros.update([UInt8](repeating: 0, count: 32).span.bytes)
        #expect(zeros.value == 0x8A91_36AA, "RFC 3720, B.4")
    }

    @Test("the codecs give back what they were given")
    func codecs() throws {
        func roundTrip<Codec: CacheCodec>(_ codec: Codec, _ value: Codec.Value) throws -> Codec.Value {
            var buffer: [UInt8] = [1, 2, 3]
            try codec.encode(value, into: &buffer)
            #expect(buffer.starts(with: [1, 2, 3]))
            return try codec.decode(buffer.span.bytes.extracting(3..<buffer.count))
        }
        #expect(try roundTrip(TextCodec(), "héllo") == "héllo")
        #expect(try roundTrip(BytesCodec(), [0, 255]) == [0, 255])
        #expect(try roundTrip(JSONCodec<User>(), User(id: 1, name: "Ada")) == User(id: 1, name: "Ada"))
        #expect(throws: InvalidBytes.self) { try TextCodec().decode([UInt8]([0xFF]).span.bytes) }
    }

    @Test(
        "durations become whole milliseconds within the range of the number",
        arguments: [
            (Duration.microseconds(1_999), 1), (.zero, 0), (.milliseconds(-1_500), -1_500),
            (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
        ] as [(Duration, Int64)]
    )
    func milliseconds(duration: Duration, expected: Int64) {
        #expect(duration.wholeMilliseconds == expected)
    }
}
