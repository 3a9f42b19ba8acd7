import LarderEdge
import LarderTesting
import Testing

@Suite("Tags for vendors")
struct TagTests {
    private static let all: [TagRules] = [.varnish, .fastly, .cloudflare, .cloudFront, .akamai, .bunny]

    @Test("a tag that a vendor can take stays as it is")
    func plain() {
        for rules in Self.all { #expect(rules.form(of: "product-42_a") == "product-42_a") }
        #expect(TagRules.fastly.form(of: "product:42") == "product:42")
        #expect(TagRules.cloudflare.form(of: "Product") == "product")
        #expect(TagRules.varnish.form(of: "Product") == "Product")
    }

    @Test("any tag has a form within the alphabet and the limits, the same each time")
    func forms() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let scalars = (0..<Int.random(in: 0..<400, using: &generator))
                .compactMap { _ in
                    Unicode.Scalar(UInt32.random(in: 0..<0x300, using: &generator))
                }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            for rules in Self.all {
                let form = rules.form(of: text)
                #expect(!form.isEmpty && form.utf8.count <= rules.maximumTagBytes, "seed \(seed)")
                #expect(form.unicodeScalars.allSatisfy { $0.isASCII && $0.value > 0x20 && $0 != "," }, "seed \(seed)")
                #expect(rules.form(of: text) == form && rules.purgedForms(of: text).contains(form), "seed \(seed)")
            }
        }
    }

    @Test("what Akamai forbids never reaches it, and a tag that looks like a hash is hashed")
    func hashes() {
        for tag in ["product:42", "a*b", "a@b", "a\\b", "a<b", "h-abc", ""] {
            let form = TagRules.akamai.form(of: tag)
            #expect(form.hasPrefix("h-") && form != tag, "\(tag)")
        }
    }

    @Test("tags that do not fit are shortened, then replaced, and never cut off")
    func overflow() throws {
        let rules = TagRules.bunny
        let few = (0..<5).map { "tag-\($0)" }
        #expect(rules.value(for: few, fallback: []) == few.joined(separator: ","))
        let long = (0..<60).map { "a-tag-of-some-length-\($0)" }
        let short = try #require(rules.value(for: long, fallback: []))
        let carried = Set(short.split(separator: ",").map(String.init))
        #expect(short.utf8.count <= 1_024 && carried.count == 60)
        for tag in long { #expect(!carried.isDisjoint(with: rules.purgedForms(of: tag))) }
        let many = (0..<200).map { "a-tag-of-some-length-\($0)" }
        #expect(rules.value(for: many, fallback: ["ns-notes"]) == "ns-notes")
        #expect(rules.value(for: many, fallback: many) == nil)
        #expect(TagRules.cloudFront.value(for: (0..<51).map { "t\($0)" }, fallback: ["wide"]) == "wide")
    }

    @Test("each tag that a response carries is named by the purge of that tag, whatever its company")
    func agreement() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let tags = (0..<Int.random(in: 1..<80, using: &generator))
                .map { number in
                    String(repeating: "x:Y ", count: Int.random(in: 0..<12, using: &generator)) + "\(number)"
                }
            for rules in Self.all {
                guard let value = rules.value(for: tags, fallback: []), !value.isEmpty else { continue }
                let carried = Set(value.split(separator: rules.separator).map(String.init))
                for tag in tags {
                    #expect(!carried.isDisjoint(with: rules.purgedForms(of: tag)), "seed \(seed), \(tag)")
                }
            }
        }
    }
}
