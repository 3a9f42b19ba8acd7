import Foundation
import Larder
import LarderTesting
import Testing

@Suite struct EnvelopeTests {
    private let key = StoreKey("larder:users:7")
    private let coder = EntryCoder(codec: TextCodec())

    private static func envelope(isAbsent: Bool = false, position: LogPosition? = nil) -> Envelope {
        var envelope = Envelope(
            isAbsent: isAbsent,
            version: 0x018C_C251_F400_BEEF,
            timeToLive: .seconds(60),
            grace: .milliseconds(1_500),
            position: position,
            schemaVersion: 1,
            codec: CodecNumber.text
        )
        envelope.loadCost = .microseconds(2_345)
        return envelope
    }

    private static var details: EnvelopeDetails {
        var details = EnvelopeDetails()
        details.entityTag = "\"v7\""
        details.lastModified = 1_700_000_000.5
        details.tags = ["author:1", "lang:en"]
        details.weight = 300
        return details
    }

    private static let position = LogPosition(epoch: 0x1122_3344_5566_7788, offset: 99)

    @Test(
        "the bytes of each format are these for ever",
        arguments: [
            ("v2-text", Self.envelope(), EnvelopeDetails(), "value"),
            ("v2-absent", Self.envelope(isAbsent: true), EnvelopeDetails(), nil),
            ("v2-details", Self.envelope(position: Self.position), Self.details, "value"),
        ] as [(String, Envelope, EnvelopeDetails, String?)]
    )
    func golden(name: String, envelope: Envelope, details: EnvelopeDetails, value: String?) throws {
        let golden = try GoldenFile(name).bytes
        let decoded = try coder.decode(golden.span.bytes, key: key)
        var expected = envelope
        expected.detailsLength = decoded.envelope.detailsLength
        #expect(decoded.envelope == expected)
        #expect(decoded.details == details)
        #expect(decoded.value == value)
        #expect(try coder.encode(value, envelope, details, key: key) == golden)
    }

    @Test("an entry costs less than 64 bytes beside its value, the key digest and the tags")
    func cost() throws {
        let digest = 8
        let bytes = try coder.encode("", Self.envelope(position: Self.position), EnvelopeDetails(), key: key)
        #expect(bytes.count - digest < 64)
    }

    @Test("each damage has its reason")
    func reasons() throws {
        let bytes = try coder.encode("value", Self.envelope(), EnvelopeDetails(), key: key)
        func reason(
            closing: Bool = false,
            key: StoreKey? = nil,
            coder: EntryCoder<String>? = nil,
            _ change: (inout [UInt8]) -> Void = { _ in }
        ) -> String? {
            var changed = bytes
            change(&changed)
            if closing { Envelope.close(&changed) }
            do {
                _ = try (coder ?? self.coder).decode(changed.span.bytes, key: key ?? self.key)
                return nil
            } catch {
                return error.description
            }
        }
        #expect(reason() == nil)
        #expect(reason { $0.removeLast(6) } == "truncated envelope")
        #expect(reason { $0[0] = 0 } == "not an envelope")
        #expect(reason { $0[2] = 1 } == "unknown envelope version")
        #expect(reason { $0[30] ^= 1 } == "damaged envelope")
        #expect(reason(key: StoreKey("larder:users:8")) == "entry of another key")
        #expect(reason(coder: EntryCoder(codec: .json())) == "other codec")
        #expect(reason(closing: true) { $0[40] = 2 } == "newer schema")
        #expect(reason(closing: true) { $0[40] = 0 } == "older schema")
        #expect(reason(closing: true) { $0[3] = 4 } == "unknown flags")
        #expect(reason(closing: true) { $0[44] = 1 } == "unknown encryption key")
        #expect(reason(closing: true) { $0.removeLast() } == "truncated envelope")
        #expect(reason(closing: true) { $0[49] = 6 } == "truncated envelope")
        #expect(reason(closing: true) { $0[49] = 5 } == "malformed details")
        let short = reason(closing: true) { $0.replaceSubrange(30..<36, with: repeatElement(0, count: 6)) }
        #expect(short == "an envelope whose life ends before its time to live")
    }

    @Test("a codec that replaces the buffer instead of appending to it is refused")
    func replacedBuffer() {
        struct Replacing: CacheCodec {
            let formatVersion: UInt16 = 1
            func encode(_ value: [UInt8], into buffer: inout [UInt8]) { buffer = value }
            func decode(_ bytes: RawSpan) -> [UInt8] { [] }
        }
        for value in [[], [1, 2, 3], [UInt8](repeating: 1, count: 500)] {
            #expect(throws: InvalidBytes.self) {
                try EntryCoder(codec: Replacing()).encode(value, Self.envelope(), Self.details, key: key)
            }
        }
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

    @Test("the digest of a key is FNV-1a with 64 bits")
    func digest() {
        // Test vectors of RFC 9923.
        #expect(StoreKey("").digest == 0xCBF2_9CE4_8422_2325)
        #expect(StoreKey("foobar").digest == 0x8594_4171_F739_67E8)
    }
}
