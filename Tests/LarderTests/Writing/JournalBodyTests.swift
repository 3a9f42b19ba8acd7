import LarderTesting
import Testing

@testable import Larder

@Suite("The form of journal records")
struct JournalBodyTests {
    private let key = StoreKey("larder:notes:a")
    private let body = JournalBody(kind: .merge, schemaVersion: 0x1234, codec: 3, value: [1, 2, 3])

    private func decode(_ bytes: [UInt8], _ sequence: UInt64 = 9, _ key: StoreKey? = nil) -> String? {
        do {
            _ = try JournalBody(bytes.span.bytes, sequence: sequence, storeKey: key ?? self.key)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("the bytes are those of the documentation")
    func bytes() throws {
        let bytes = body.encode(sequence: 9, storeKey: key)
        #expect(Array(bytes[..<12]) == [0x4C, 0x4A, 2, 3, 0x34, 0x12, 3, 0, 0, 0, 0, 0])
        #expect(Array(bytes[16...]) == [1, 2, 3])
        #expect(try JournalBody(bytes.span.bytes, sequence: 9, storeKey: key) == body)
    }

    @Test("a record of another number or key, or with any bit changed, is refused")
    func damage() {
        let bytes = body.encode(sequence: 9, storeKey: key)
        #expect(decode(bytes, 10) == "wrong checksum")
        #expect(decode(bytes, 9, StoreKey("larder:notes:b")) == "wrong checksum")
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(decode(damaged) != nil, "bit \(bit)")
        }
        for length in 0..<bytes.count { #expect(decode(Array(bytes[..<length])) != nil, "\(length) bytes") }
    }

    @Test("numbers grow from owner to owner, and tell whose they are")
    func numbers() {
        var first = SequenceNumbers(fence: 29_000_000)
        var second = SequenceNumbers(fence: 29_000_001)
        let numbers = [first.next(), first.next(), second.next(), second.next()]
        #expect(numbers == numbers.sorted() && Set(numbers).count == 4)
        #expect(numbers.map(SequenceNumbers.fence) == [29_000_000, 29_000_000, 29_000_001, 29_000_001])
        #expect(numbers.allSatisfy { $0 < UInt64(Int64.max) })
    }
}
