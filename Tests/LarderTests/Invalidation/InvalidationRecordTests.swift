import Larder
import LarderTesting
import Testing

@Suite("InvalidationRecord")
struct InvalidationRecordTests {
    @Test("keeps its form from version to version")
    func snapshot() throws {
        let record = InvalidationRecord(.tags(["a:7", ""]), in: "notes", isSoft: true)
        let bytes = try record.encoded()
        let head: [UInt8] = [1, 0x81, 5, 0, 2, 0, 0, 0]
        let items: [UInt8] = [3, 0, 0, 0, 0x61, 0x3A, 0x37, 0, 0, 0, 0]
        #expect(Array(bytes.dropLast(4)) == head + Array("notes".utf8) + items)
        #expect(try bytes.count == record.encodedSize())
        #expect(try InvalidationRecord(encoded: bytes) == record)
    }

    @Test("reads nothing from damaged bytes, and never traps")
    func damage() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        let bytes = try InvalidationRecord(.keys(["a", "bc"].map { StoreKey($0) }), in: "notes").encoded()
        for count in 0..<bytes.count {
            #expect(throws: InvalidBytes.self) { try InvalidationRecord(encoded: Array(bytes.prefix(count))) }
        }
        for _ in 0..<20_000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                damaged[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            }
            guard damaged != bytes else { continue }
            #expect(throws: InvalidBytes.self, "The seed is \(seed).") { try InvalidationRecord(encoded: damaged) }
        }
    }

    @Test("refuses what is larger than the bound")
    func bound() throws {
        let fits = InvalidationRecord(.tags([String(repeating: "t", count: (1 << 20) - 17)]), in: "n")
        #expect(try fits.encoded().count == InvalidationRecord.maximumBytes)
        let large = InvalidationRecord(.tags([String(repeating: "t", count: (1 << 20) - 16)]), in: "n")
        let error = #expect(throws: CacheError.self) { try large.encoded() }
        #expect(error?.code == .invalidInvalidation)
    }

    @Test("splits many keys into records that a log takes, in their order")
    func splitting() throws {
        let keys = (0..<50_000).map { StoreKey("key number \($0)") }
        let records = InvalidationRecord.records(forKeys: keys, in: "n", isSoft: true)
        var found: [StoreKey] = []
        for record in records {
            #expect(record.isSoft)
            #expect(try record.encodedSize() <= 128 << 10)
            if case .keys(let part) = record.target { found += part }
        }
        #expect(found == keys)
        #expect(InvalidationRecord.records(forKeys: [], in: "n").isEmpty)
    }
}
