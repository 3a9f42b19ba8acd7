import Foundation
import Larder
import LarderTesting
import Testing

@Suite struct CodecTests {
    private struct Row: Codable, Hashable, Sendable {
        var id: Int
        var name: String
        var photo: Data
        var scores: [Double]
        var parents: [String: [Int]]
        var note: String?
    }

    private static let row = Row(
        id: 7,
        name: "Ada Łovelace",
        photo: Data([0, 1, 255]),
        scores: [1, -2.5, 1e300],
        parents: ["one": [1, 1], "two": [], "three": [1, 1]]
    )

    private func roundTrip<Codec: CacheCodec>(_ codec: Codec, _ value: Codec.Value) throws -> Codec.Value {
        var buffer: [UInt8] = [1, 2, 3]
        try codec.encode(value, into: &buffer)
        #expect(buffer.starts(with: [1, 2, 3]))
        return try codec.decode(buffer.span.bytes.extracting(3..<buffer.count))
    }

    @Test("the codecs give back what they were given")
    func roundTrips() throws {
        #expect(try roundTrip(TextCodec(), "héllo") == "héllo")
        #expect(try roundTrip(BytesCodec(), [0, 255]) == [0, 255])
        #expect(throws: InvalidBytes.self) { try TextCodec().decode([UInt8]([0xFF]).span.bytes) }
        #expect(try roundTrip(JSONCodec<Row>(), Self.row) == Self.row)
        #expect(try roundTrip(PropertyListCodec<Row>(), Self.row) == Self.row)
        #expect(try roundTrip(PropertyListCodec<Int>(), 7) == 7)
        #expect(try roundTrip(PropertyListCodec<String>(), "x") == "x")
        let rows = (0..<300).map { Row(id: $0, name: "\($0 % 3)", photo: Data(), scores: [1, 1], parents: [:]) }
        #expect(try roundTrip(PropertyListCodec<[Row]>(), rows) == rows)
    }

    @Test("no two codecs have the same number")
    func numbers() {
        let numbers = [
            BytesCodec().identifier, TextCodec().identifier, JSONCodec<Int>().identifier,
            PropertyListCodec<Int>().identifier,
        ]
        #expect(Set(numbers).count == numbers.count)
    }

    private indirect enum Nest: Codable, Hashable, Sendable {
        case nest([Nest])

        init(depth: Int) { self = .nest(depth > 1 ? [Nest(depth: depth - 1)] : []) }
        init(from decoder: any Decoder) throws { self = .nest(try [Nest](from: decoder)) }

        func encode(to encoder: any Encoder) throws {
            guard case .nest(let inner) = self else { return }
            try inner.encode(to: encoder)
        }
    }

    @Test("what is nested deeper than the limit is refused, and what is not is read", arguments: [1, 5, 64])
    func depth(limit: Int) throws {
        let limits = DecodingLimits(maximumDepth: limit)
        for codec: any CacheCodec<Nest> in [JSONCodec<Nest>(limits: limits), PropertyListCodec<Nest>(limits: limits)] {
            #expect(try roundTrip(codec, Nest(depth: limit)) == Nest(depth: limit))
            #expect(throws: InvalidBytes("value nested too deeply")) { try roundTrip(codec, Nest(depth: limit + 1)) }
        }
    }

    @Test("brackets within the texts of JSON are no nesting")
    func brackets() throws {
        let codec = JSONCodec<[String]>(limits: DecodingLimits(maximumDepth: 1))
        #expect(try roundTrip(codec, ["[[[{\"[\\", "]"]) == ["[[[{\"[\\", "]"])
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: InvalidBytes.self) { try codec.decode(deep.span.bytes) }
    }

    @Test("what is larger than the limit is refused before it is decoded")
    func size() throws {
        let limits = DecodingLimits(maximumBytes: 300)
        #expect(throws: InvalidBytes("value too large")) {
            try roundTrip(JSONCodec<String>(limits: limits), String(repeating: "x", count: 300))
        }
        #expect(throws: InvalidBytes("value too large")) {
            try roundTrip(PropertyListCodec<String>(limits: limits), String(repeating: "x", count: 300))
        }
    }

    @Test("a property list of few bytes that stands for very many objects is refused")
    func expansion() {
        // Ten lists, each of which holds the next ten times.
        var bytes = Array("bplist00".utf8)
        var offsets: [UInt8] = []
        for level in 0..<10 {
            offsets.append(UInt8(bytes.count))
            bytes += [0xAA] + [UInt8](repeating: UInt8(level + 1), count: 10)
        }
        offsets.append(UInt8(bytes.count))
        bytes += [0x10, 1]
        let table = UInt8(bytes.count)
        bytes += offsets + [0, 0, 0, 0, 0, 0, 1, 1]
        for number in [UInt8(offsets.count), 0, table] { bytes += [0, 0, 0, 0, 0, 0, 0, number] }
        #expect(throws: InvalidBytes("value too large")) { try PropertyListCodec<[Nest]>().decode(bytes.span.bytes) }
    }

    @Test("a property list with any bit flipped is read or refused, and never a crash")
    func damagedPropertyList() throws {
        var bytes: [UInt8] = []
        try PropertyListCodec<Row>().encode(Self.row, into: &bytes)
        for bit in 0..<(bytes.count * 8) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            _ = try? PropertyListCodec<Row>().decode(damaged.span.bytes)
        }
        for length in 0..<bytes.count {
            #expect(throws: (any Error).self) {
                try PropertyListCodec<Row>().decode(bytes.span.bytes.extracting(0..<length))
            }
        }
    }
}
