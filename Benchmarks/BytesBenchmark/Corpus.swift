/// Values like those that caches hold, made by rule from a seed.
struct Corpus {
    let name: String
    let values: [[UInt8]]

    private static let words = """
        the cache keeps what a service would otherwise ask again and again of a database that has better things to do \
        note meeting project release plan garden recipe travel budget reading list idea draft review question answer
        """
        .split(separator: " ").map(String.init)

    static let all = [
        Corpus(name: "notes", seed: 1) { random, index in
            let sentences = (0..<Int(random.next(30) + 5))
                .map { _ in
                    (0..<Int(random.next(12) + 4)).map { _ in words[random.next(words.count)] }.joined(separator: " ")
                        + "."
                }
            return "# Note \(index)\n\ntags: \(words[random.next(words.count)])\n\n" + sentences.joined(separator: " ")
        },
        Corpus(name: "rows", seed: 2) { random, index in
            let name = words[random.next(words.count)]
            return """
                {"id":\(index),"name":"\(name)","email":"\(name)\(random.next(10_000))@example.org","balance":\
                \(random.next(1_000_000)),"active":\(random.next(2) == 0),"created":"2026-\(random.next(12) + 1)-\
                \(random.next(28) + 1)T12:00:00Z","country":"NL","roles":["reader","writer"]}
                """
        },
        Corpus(name: "sessions", seed: 3) { random, index in
            let token = (0..<32).map { _ in String(random.next(16), radix: 16) }.joined()
            return """
                session=\(token);user=\(index);theme=dark;locale=nl_NL;csrf=\(random.next(1 << 40));\
                cart=\((0..<random.next(5)).map { _ in "\(random.next(9_999)):1" }.joined(separator: ","));seen=\
                \(random.next(1 << 31))
                """
        },
    ]

    private init(name: String, seed: UInt64, _ make: (inout Random, Int) -> String) {
        var random = Random(state: seed)
        self.name = name
        values = (0..<4_000).map { Array(make(&random, $0).utf8) }
    }

    /// SplitMix64.
    struct Random {
        var state: UInt64

        mutating func next(_ limit: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var bits = state
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((bits ^ (bits >> 31)) % UInt64(limit))
        }
    }
}
