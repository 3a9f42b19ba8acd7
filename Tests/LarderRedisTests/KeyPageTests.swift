import Larder
import LarderTesting
import Testing

@testable import LarderRedis

@Suite("A page of keys that come in no order")
struct KeyPageTests {
    @Test("it holds the first keys after one, each once, however they come")
    func pages() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SplitMix64(seed: seed)
        let keys = (0..<3_000).map { StoreKey("key:\($0 * 7_919 % 3_000)") }
        for limit in [1, 10, 999, 1_500, 5_000, .max] {
            let after = Bool.random(using: &generator) ? keys.randomElement(using: &generator) : nil
            var page = KeyPage(after: after, limit: limit)
            for key in (keys + keys.prefix(500)).shuffled(using: &generator) { page.insert(key) }
            let expected = keys.sorted().filter { key in after.map { key > $0 } ?? true }.prefix(limit)
            #expect(page.keys == Array(expected), "The limit is \(limit), the seed \(seed).")
        }
    }

    @Test("a pattern matches what begins with any bytes, special ones too")
    func patterns() {
        #expect(Glob.pattern(matchingPrefix: Array("a*[b]?\\^".utf8)) == Array("a\\*\\[b\\]\\?\\\\\\^*".utf8))
        #expect(Glob.pattern(matchingPrefix: []) == Array("*".utf8))
        #expect(Glob.pattern(matchingPrefix: [0, 255]) == [0, 255, 42])
    }
}
