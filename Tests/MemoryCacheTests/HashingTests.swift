import MemoryCache
import Testing

@Suite struct HashingTests {
    @Test("equal strings in different normal forms find the same entry, also where one is plain ASCII")
    func equalStrings() throws {
        let forms: [(String, String)] = [
            ("K", "\u{212A}"), ("a;b", "a\u{37E}b"), ("`", "\u{1FEF}"), ("\u{C5}", "\u{212B}"), ("\u{C5}", "A\u{30A}"),
            ("\u{1E69}", "s\u{307}\u{323}"), ("\u{AC00}", "\u{1100}\u{1161}"),
        ]
        let paddings = ["", "x", "12345678", "a prefix of more than sixteen bytes, and of more than 32 "]
        let cache = try MemoryCache<String, Int>(capacity: .entries(100))
        for (one, other) in forms {
            for padding in paddings {
                cache.setValue(1, forKey: padding + one)
                #expect(cache.value(forKey: padding + other) == 1, "\(padding)\(one)")
                cache.setValue(2, forKey: other + padding)
                #expect(cache.value(forKey: one + padding) == 2, "\(one)\(padding)")
                cache.removeAll()
            }
        }
    }

    @Test("no other character of Unicode is equal to one of ASCII")
    func asciiEquals() {
        let ascii = Set((0..<128 as Range<UInt8>).map { String(UnicodeScalar($0)) })
        let others = (128...0x10_FFFF as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init)
        // Only characters that decompose can be equal to others, and their decompositions are below U+30000.
        let equal = others.prefix { $0.value < 0x3_0000 }.filter { ascii.contains(String($0)) }
        #expect(Set(equal) == ["\u{37E}", "\u{1FEF}", "\u{212A}"])
    }

    @Test("strings of all lengths, and with zero bytes, are told apart")
    func lengths() throws {
        let cache = try MemoryCache<String, Int>(capacity: .entries(1_000))
        for length in 0..<100 {
            cache.setValue(length, forKey: String(repeating: "\0", count: length))
            cache.setValue(-length, forKey: String(repeating: "é", count: length) + "e")
        }
        for length in 0..<100 {
            #expect(cache.value(forKey: String(repeating: "\0", count: length)) == length)
            #expect(cache.value(forKey: String(repeating: "é", count: length) + "e") == -length)
        }
    }

    @Test("integers of all kinds are keys, and regular ones spread over the table")
    func integers() throws {
        func check<Key: FixedWidthInteger & Sendable>(_: Key.Type) throws {
            let cache = try MemoryCache<Key, Int>(capacity: .entries(30_000))
            let step = max(1, Key.max / 25_000)
            let keys = sequence(first: Key.min) { $0 > Key.max - step ? nil : $0 + step }.prefix(25_000)
            for (number, key) in keys.enumerated() { cache.setValue(number, forKey: key) }
            #expect(keys.enumerated().allSatisfy { cache.value(forKey: $1) == $0 }, "\(Key.self)")
            #expect(cache.isConsistent)
        }
        try check(Int.self)
        try check(UInt.self)
        try check(Int64.self)
        try check(UInt64.self)
        try check(Int32.self)
        try check(UInt32.self)
        try check(Int16.self)
    }
}
