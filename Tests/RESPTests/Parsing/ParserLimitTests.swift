import RESP
import Testing

@Suite("Limits of the parser")
struct ParserLimitTests {
    private func isRefused(_ text: String, _ limits: ParserLimits) -> Bool {
        do {
            _ = try parse(text, limits: limits)
            return false
        } catch {
            return (error as? RESPError)?.code == .protocolViolation
        }
    }

    @Test("lists nest as deep as the limit, and no deeper")
    func depth() {
        let limits = ParserLimits(depth: 3)
        #expect(!isRefused("*1\r\n*1\r\n*1\r\n:1\r\n", limits))
        #expect(isRefused("*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", limits))
        #expect(isRefused(String(repeating: "|1\r\n", count: 4), limits))
    }

    @Test("a string beyond the limit is refused when its length is read, before its bytes come")
    func stringLength() {
        let limits = ParserLimits(replyBytes: 1_000)
        #expect(!isRefused("$900\r\n", limits))
        #expect(isRefused("$1001\r\n", limits))
        #expect(isRefused("$9223372036854775807\r\n", limits))
        #expect(isRefused("*2\r\n$600\r\n\(String(repeating: "x", count: 600))\r\n$600\r\n", limits))
    }

    @Test("small values count too, so that a list of nothing cannot fill the memory")
    func manySmallValues() {
        let limits = ParserLimits(replyBytes: 1_000)
        #expect(!isRefused("*10\r\n" + String(repeating: "_\r\n", count: 10), limits))
        #expect(isRefused("*200\r\n" + String(repeating: "_\r\n", count: 200), limits))
        #expect(isRefused("*9223372036854775807\r\n", limits))
        #expect(isRefused("%4611686018427387904\r\n", limits))
    }

    @Test("each reply has the limit for itself")
    func limitPerReply() throws {
        let reply = "$900\r\n" + String(repeating: "x", count: 900) + "\r\n"
        #expect(try parse(reply + reply + reply, limits: ParserLimits(replyBytes: 1_000)).count == 3)
    }

    @Test("a line that does not end is refused")
    func endlessLine() {
        #expect(isRefused("+" + String(repeating: "x", count: 100_000), ParserLimits()))
    }
}
