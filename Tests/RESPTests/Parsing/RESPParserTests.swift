import LarderTesting
import RESP
import Testing

@Suite("Parsing replies")
struct RESPParserTests {
    static let examples: [(String, RESPValue)] = [
        ("+OK\r\n", .text("OK")),
        ("+\r\n", .text("")),
        ("-ERR unknown command\r\n", .error(RESPServerError(message: "ERR unknown command"))),
        (":0\r\n", .integer(0)),
        (":-9223372036854775808\r\n", .integer(.min)),
        (":+9223372036854775807\r\n", .integer(.max)),
        ("$0\r\n\r\n", .bytes([])),
        ("$4\r\na\r\nb\r\n", .bytes(Array("a\r\nb".utf8))),
        ("$-1\r\n", .null),
        ("*-1\r\n", .null),
        ("_\r\n", .null),
        ("*0\r\n", .array([])),
        ("*2\r\n:1\r\n*1\r\n$1\r\nx\r\n", .array([.integer(1), .array([.bytes(Array("x".utf8))])])),
        ("~1\r\n#t\r\n", .set([.boolean(true)])),
        ("%1\r\n+key\r\n#f\r\n", .map([RESPPair(key: .text("key"), value: .boolean(false))])),
        (",1.5\r\n", .double(1.5)),
        (",-inf\r\n", .double(-.infinity)),
        ("(3492890328409238509324850943850943825024385\r\n", .bigNumber("3492890328409238509324850943850943825024385")),
        ("=8\r\ntxt:text\r\n", .bytes(Array("text".utf8))),
        ("!5\r\nERR x\r\n", .error(RESPServerError(message: "ERR x"))),
        (">2\r\n+message\r\n:1\r\n", .push([.text("message"), .integer(1)])),
        ("|1\r\n+ttl\r\n:3600\r\n:7\r\n", .integer(7)),
        ("*2\r\n|1\r\n+ttl\r\n:3600\r\n:7\r\n:8\r\n", .array([.integer(7), .integer(8)])),
        ("|0\r\n:7\r\n", .integer(7)),
    ]

    @Test("each type of the protocol reads as its value", arguments: examples)
    func types(text: String, value: RESPValue) throws {
        #expect(try parse(text) == [value])
    }

    @Test("wherever a reply is cut in two or three, it reads the same", arguments: examples)
    func cuts(text: String, value: RESPValue) throws {
        let bytes = Array((text + text).utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                try #require(try parse(bytes, cutAt: [first, second]) == [value, value], "cut at \(first), \(second)")
            }
        }
    }

    @Test("random replies survive the wire in random pieces")
    func roundTrip() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SplitMix64(seed: seed)
        for _ in 0..<300 {
            let values = (0..<5).map { _ in RESPValue.random(using: &generator) }
            let bytes = values.flatMap(wireBytes)
            let cuts = (0..<8).map { _ in Int.random(in: 0...bytes.count, using: &generator) }
            try #require(try parse(bytes, cutAt: cuts) == values, "The seed is \(seed).")
        }
    }

    @Test("a byte at a time is enough, and leaves the parser between values")
    func singleBytes() throws {
        var parser = RESPParser()
        let bytes = Array("*2\r\n$3\r\nabc\r\n:12\r\n".utf8)
        for (index, byte) in bytes.enumerated() {
            let value = try withUnsafeBytes(of: byte) { piece in
                var position = 0
                return try parser.next(in: piece, at: &position)
            }
            #expect((value != nil) == (index == bytes.count - 1))
            #expect(parser.isBetweenValues == (index == bytes.count - 1))
        }
    }

    @Test(
        "bytes that are no reply are refused",
        arguments: [
            "hello\r\n", "\r\n", "$3\r\nabcd\r\n", "$abc\r\n", "$\r\n", "$-2\r\n", "*-2\r\n", ":\r\n", ":1 \r\n",
            ":9223372036854775808\r\n", ":-9223372036854775809\r\n", "#x\r\n", ",one\r\n", "(1.5\r\n", "(\r\n",
            "_x\r\n", "+OK\n", "=2\r\nab\r\n", "~-1\r\n", "%-1\r\n", "*1\r\n>1\r\n:1\r\n", "$?\r\n", "*?\r\n",
            "HTTP/1.1 400 Bad Request\r\n",
        ]
    )
    func garbage(text: String) {
        #expect { try parse(text) } throws: { ($0 as? RESPError)?.code == .protocolViolation }
    }

    @Test("random bytes are refused or read, and never more is made of them than they are")
    func randomBytes() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SplitMix64(seed: seed)
        let alphabet = Array("$*:+-_#,(!=~%>|0123456789\r\n\r\n\r\nt".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 1...60, using: &generator))
                .map { _ in
                    alphabet.randomElement(using: &generator) ?? 0
                }
            let values = (try? parse(bytes, cutAt: [bytes.count / 2])) ?? []
            #expect(values.count * 3 <= bytes.count, "The seed is \(seed).")
        }
    }
}
