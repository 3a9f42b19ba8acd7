import Larder
import LarderTesting
import Testing

@Suite("KeyPattern")
struct KeyPatternTests {
    @Test(
        "matches what it says",
        arguments: [
            ("", "", true), ("", "a", false), ("*", "", true), ("*", "a:b", true), ("a", "a", true), ("a", "aa", false),
            ("note:*", "note:", true), ("note:*", "note:7:x", true), ("note:*", "notes:7", false),
            ("*:7", "note:7", true), ("*:7", "note:77", false), ("a*b*c", "a--b--c", true), ("a*b*c", "acb", false),
            ("?", "", false), ("?", "é", true), ("??", "é", false), ("a?c", "a:c", true), ("**a**", "a", true),
            ("[abc]", "b", true), ("[abc]", "d", false), ("[a-c]x", "cx", true), ("[!a-c]", "b", false),
            ("[^a-c]", "d", true), ("[!a]", "", false), ("[a-]", "-", true), ("[-a]", "-", true), ("[]a]", "x", nil),
            ("[\\]a]", "]", true), ("[a\\-c]", "b", false), ("[a\\-c]", "-", true), ("[à-ü]", "é", true),
            ("\\*", "*", true), ("\\*", "x", false), ("\\a", "a", true), ("\\\\", "\\", true), ("a]", "a]", true),
            ("e\u{301}*", "\u{E9}t\u{E9}", true), ("A", "a", false), ("[!a]", "漢", true), ("*漢*字*", "x漢y字z", true),
        ] as [(String, String, Bool?)]
    )
    func table(pattern: String, key: String, isMatch: Bool?) throws {
        guard let isMatch else {
            #expect(throws: CacheError.self) { try KeyPattern(pattern) }
            return
        }
        #expect(try KeyPattern(pattern).matches(StoreKey(key).bytes) == isMatch)
    }

    @Test(
        "a pattern that says nothing is refused, with its fault",
        arguments: [
            ("[", "not closed"), ("a[b", "not closed"), ("[]", "nothing in them"), ("[!]", "nothing in them"),
            ("[z-a]", "range"), ("a\\", "backslash"), ("[a\\", "backslash"),
            (String(repeating: "a", count: 1_025), "long"),
        ]
    )
    func faults(pattern: String, words: String) throws {
        let error = #expect(throws: CacheError.self) { try KeyPattern(pattern) }
        #expect(error?.code == .invalidPattern)
        #expect(error?.message.contains(words) ?? false)
    }

    @Test("knows the text that matching keys begin with")
    func prefixes() throws {
        let cases: [(String, String, isLiteral: Bool, isPrefix: Bool)] = [
            ("note:7", "note:7", true, false), ("note:*", "note:", false, true), ("note:\\**", "note:*", false, true),
            ("note:?", "note:", false, false), ("*", "", false, true), ("", "", true, false),
            ("a*b", "a", false, false),
        ]
        for (text, prefix, isLiteral, isPrefix) in cases {
            let pattern = try KeyPattern(text)
            #expect(pattern.literalPrefix == Array(prefix.utf8))
            #expect(pattern.isLiteral == isLiteral)
            #expect(pattern.isPrefix == isPrefix)
        }
    }

    @Test("an escaped text matches itself and nothing else")
    func escaping() throws {
        var random = SplitMix64(seed: 11)
        for _ in 0..<500 {
            let text = random.text(of: "*?[]\\!^-a:é", upTo: 8)
            let other = random.text(of: "*?[]\\!^-a:é", upTo: 8)
            let pattern = try KeyPattern(KeyPattern.escaping(text))
            #expect(pattern.isLiteral && pattern.matches(text.utf8))
            #expect(pattern.matches(other.utf8) == (text == other))
        }
    }

    @Test("agrees with a matcher that tries everything, for short and for long patterns")
    func model() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        var matches = 0
        for round in 0..<20_000 {
            var elements = random.elements(upTo: 7)
            if round % 4 == 0 {
                // The same behind a text that makes the bits take several words.
                elements = Array(repeating: .text("a"), count: Int.random(in: 55...200, using: &random)) + elements
            }
            let pattern = try KeyPattern(elements.map(\.text).joined())
            var key = random.text(of: "aabé漢:", upTo: 9)
            if round % 4 == 0 { key = String(repeating: "a", count: elements.count { $0 == .text("a") }) + key }
            let expected = NaiveGlob.matches(elements[...], Array(key.unicodeScalars)[...])
            #expect(pattern.matches(key.utf8) == expected, "'\(pattern)' and '\(key)'; the seed is \(seed)")
            if expected { matches += 1 }
        }
        #expect(matches > 1_000 && matches < 19_000)
    }

    @Test("bytes that are no text match as one character each, and stop nothing")
    func invalidBytes() throws {
        let keys: [[UInt8]] = [[0xFF], [0xC3], [0x80], [0xED]]
        for key in keys {
            #expect(try KeyPattern("?").matches(key))
            #expect(try KeyPattern("[!a]").matches(key))
            #expect(try !KeyPattern("[a-ÿ]").matches(key))
            #expect(try KeyPattern("a*b").matches([0x61] + key + [0x62]))
        }
        #expect(try KeyPattern("???").matches([0xED, 0xA0, 0x80]), "half of a pair")
        #expect(try KeyPattern("??").matches([0xC0, 0x80]), "longer than needed")
    }

    @Test("takes time in proportion to the key, whatever the pattern")
    func linearTime() throws {
        for text in ["a*a*a*a*b", "*a*a*a*a*a*a*a*a*b", String(repeating: "*a?", count: 300) + "b"] {
            let pattern = try KeyPattern(text)
            let times = [10_000, 100_000]
                .map { count in
                    let key = [UInt8](repeating: 0x61, count: count)
                    return (0..<5).map { _ in ContinuousClock().measure { #expect(!pattern.matches(key)) } }.min()
                        ?? .zero
                }
            // Ten times the key; anything but linear takes a hundred times as long, or for ever.
            #expect(times[1] < times[0] * 40, "\(text.prefix(20)): \(times)")
        }
    }
}

private enum NaiveGlob: Hashable {
    case text(String)
    case run
    case any
    case set(String, isNegated: Bool)

    var text: String {
        switch self {
        case .text(let text): KeyPattern.escaping(text)
        case .run: "*"
        case .any: "?"
        case .set(let characters, let isNegated): "[\(isNegated ? "!" : "")\(characters)]"
        }
    }

    static func matches(_ glob: ArraySlice<NaiveGlob>, _ key: ArraySlice<Unicode.Scalar>) -> Bool {
        guard let first = glob.first else { return key.isEmpty }
        let rest = glob.dropFirst()
        if first == .run { return (key.startIndex...key.endIndex).contains { matches(rest, key[$0...]) } }
        guard let scalar = key.first else { return false }
        let isAccepted =
            switch first {
            case .text(let text): text.unicodeScalars.first == scalar
            case .set(let characters, let isNegated): characters.unicodeScalars.contains(scalar) != isNegated
            default: true
            }
        return isAccepted && matches(rest, key.dropFirst())
    }
}

extension SplitMix64 {
    fileprivate mutating func text(of characters: String, upTo count: Int) -> String {
        let characters = Array(characters)
        return String(
            (0..<Int.random(in: 0...count, using: &self)).map { _ in characters.randomElement(using: &self) ?? "a" }
        )
    }

    fileprivate mutating func elements(upTo count: Int) -> [NaiveGlob] {
        (0..<Int.random(in: 0...count, using: &self))
            .map { _ in
                switch Int.random(in: 0..<8, using: &self) {
                case 0...1: .run
                case 2: .any
                case 3: .set("a漢", isNegated: false)
                case 4: .set("bé", isNegated: true)
                case 5: .text("é")
                default: .text("a")
                }
            }
    }
}
