import Testing

@testable import RESP

@Suite("Encoding commands")
struct RESPCommandTests {
    private func text(_ command: RESPCommand) -> String { String(decoding: command.bytes, as: UTF8.self) }

    @Test("a command is a list of strings with their lengths in bytes")
    func encoding() {
        #expect(text(RESPCommand("PING")) == "*1\r\n$4\r\nPING\r\n")
        #expect(
            text(RESPCommand("SET", "k\u{E9}y", .bytes([]), "PX", 1_500))
                == "*5\r\n$3\r\nSET\r\n$4\r\nk\u{E9}y\r\n$0\r\n\r\n$2\r\nPX\r\n$4\r\n1500\r\n"
        )
        #expect(text(RESPCommand("GET", key: Array("a\r\nb".utf8))) == "*2\r\n$3\r\nGET\r\n$4\r\na\r\nb\r\n")
    }

    @Test("numbers of all sizes are written in decimal", arguments: [0, 9, 10, -1, -10, 99_999, .max, .min])
    func numbers(number: Int) {
        #expect(
            text(RESPCommand("X", .integer(number))) == "*2\r\n$1\r\nX\r\n$\("\(number)".utf8.count)\r\n\(number)\r\n"
        )
    }

    @Test("a command reads as the list it was made of", arguments: [0, 1, 9, 10, 99, 100, 1_000, 70_000])
    func reading(length: Int) throws {
        let value = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        let arguments = (0..<length % 120).map { _ in RESPArgument.bytes(value) }
        let values = try parse(RESPCommand("MSET", arguments: arguments).bytes)
        #expect(values == [.array([.bytes(Array("MSET".utf8))] + arguments.map { _ in .bytes(value) })])
    }

    @Test("a pipeline is its commands one after the other, and repeatable if all of them are")
    func pipelines() {
        var pipeline = RESPPipeline([RESPCommand("GET", "a", isRepeatable: true)])
        #expect(pipeline.isRepeatable)
        pipeline.append(RESPCommand("INCR", "a"))
        #expect(!pipeline.isRepeatable)
        #expect(pipeline.count == 2)
        #expect(pipeline.bytes == RESPCommand("GET", "a").bytes + RESPCommand("INCR", "a").bytes)
    }

    @Test(
        "scripts have the digests that servers give them",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("return 1", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"),
            (String(repeating: "a", count: 55), "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
            (String(repeating: "a", count: 56), "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
            (String(repeating: "a", count: 64), "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
            (String(repeating: "a", count: 1_000), "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
        ]
    )
    func digests(source: String, digest: String) {
        #expect(RESPScript(source).digest == digest)
    }
}
