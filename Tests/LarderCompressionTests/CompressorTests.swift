import Larder
import LarderCompression
import LarderTesting
import Testing

@Suite struct CompressorTests {
    private static let compressors: [any ValueCompressor] = [.zstandard(), .zstandard(level: 19), .lz4]

    private static func rows(_ count: Int, seed: UInt64 = 1) -> [[UInt8]] {
        var random = SplitMix64(seed: seed)
        return (0..<count)
            .map { index in
                let name = ["Ada", "Grace", "Edsger", "Barbara"][Int(random.next() % 4)]
                let text = """
                    {"id":\(index),"name":"\(name)","email":"\(name.lowercased())\(random.next() % 9_999)@example.org",\
                    "active":\(random.next() % 2 == 0),"balance":\(random.next() % 100_000),"country":"NL"}
                    """
                return Array(text.utf8)
            }
    }

    private static var values: [[UInt8]] {
        var random = SplitMix64(seed: 7)
        return [
            [], [1], [UInt8](repeating: 7, count: 100_000),
            (0..<5_000).map { _ in UInt8.random(in: .min ... .max, using: &random) },
            rows(50).flatMap { $0 },
        ]
    }

    @Test("compressors give back what they were given", arguments: 0..<3)
    func roundTrips(index: Int) throws {
        let compressor = Self.compressors[index]
        for value in Self.values {
            let compressed = try compressor.compress(value.span.bytes)
            #expect(try compressor.decompress(compressed.span.bytes, size: value.count) == value)
        }
    }

    @Test("a value of another size than it says is refused", arguments: 0..<3)
    func wrongSizes(index: Int) throws {
        let compressor = Self.compressors[index]
        for value in Self.values {
            let compressed = try compressor.compress(value.span.bytes)
            for size in [value.count + 1, value.count - 1, value.count * 2 + 9, 1 << 30] where size >= 0 {
                #expect(throws: InvalidBytes.self) { try compressor.decompress(compressed.span.bytes, size: size) }
            }
            #expect(throws: InvalidBytes.self) {
                try compressor.decompress((compressed + [0]).span.bytes, size: value.count)
            }
        }
    }

    @Test("damaged values are refused, or become as many bytes as they say, and never a crash", arguments: 0..<3)
    func damage(index: Int) throws {
        let compressor = Self.compressors[index]
        let value = Self.rows(10).flatMap { $0 }
        let compressed = try compressor.compress(value.span.bytes)
        for bit in 0..<(compressed.count * 8) {
            var damaged = compressed
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            let read = try? compressor.decompress(damaged.span.bytes, size: value.count)
            #expect(read == nil || read?.count == value.count)
        }
        for length in 0..<compressed.count {
            #expect(throws: InvalidBytes.self) {
                try compressor.decompress(compressed.span.bytes.extracting(0..<length), size: value.count)
            }
        }
    }

    @Test("a dictionary makes small values smaller, and only it reads them")
    func dictionaries() throws {
        let plain = ZstandardCompressor()
        let dictionary = try #require(plain.train(Self.rows(1_000), maximumBytes: 8 << 10))
        let trained = try plain.using(dictionary: dictionary)
        let row = Self.rows(1, seed: 99)[0]
        let small = try trained.compress(row.span.bytes)
        #expect(try trained.decompress(small.span.bytes, size: row.count) == row)
        #expect(small.count * 2 < (try plain.compress(row.span.bytes).count))
        #expect(throws: InvalidBytes.self) { try plain.decompress(small.span.bytes, size: row.count) }
        let other = try plain.using(dictionary: #require(plain.train(Self.rows(1_000, seed: 5), maximumBytes: 4 << 10)))
        #expect(throws: InvalidBytes.self) { try other.decompress(small.span.bytes, size: row.count) }
        #expect(throws: InvalidBytes.self) { try plain.using(dictionary: [1, 2, 3]) }
        #expect(plain.train([[1], [2]], maximumBytes: 1_024) == nil)
        #expect(throws: InvalidBytes.self) { try LZ4Compressor().using(dictionary: dictionary) }
    }
}
