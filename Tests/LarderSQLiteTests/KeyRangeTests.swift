import Larder
import Testing

@testable import LarderSQLite

@Suite("KeyRange")
struct KeyRangeTests {
    @Test(
        "ends at the first bytes that do not start with the prefix",
        arguments: [
            ([], nil),
            ([0x61], [0x62]),
            ([0x61, 0xFE], [0x61, 0xFF]),
            ([0x61, 0xFF], [0x62]),
            ([0x61, 0xFF, 0xFF], [0x62]),
            ([0xFF], nil),
            ([0xFF, 0xFF], nil),
            ([0xFF, 0x00], [0xFF, 0x01]),
            ([0x00], [0x01]),
        ] as [([UInt8], [UInt8]?)]
    )
    func upperBound(prefix: [UInt8], expected: [UInt8]?) {
        #expect(KeyRange(prefix: StoreKey(bytes: prefix)).upperBound == expected)
    }

    @Test("begins right after the last key of the page before, but not before the prefix")
    func lowerBound() {
        #expect(KeyRange(prefix: StoreKey("b")).lowerBound == Array("b".utf8))
        #expect(KeyRange(prefix: StoreKey("b"), after: StoreKey("a")).lowerBound == Array("b".utf8))
        #expect(KeyRange(prefix: StoreKey("b"), after: StoreKey("bc")).lowerBound == Array("bc\0".utf8))
    }
}
