import Testing

@testable import LarderRedis

@Suite struct RecentWritesTests {
    private func name(_ number: Int) -> [UInt8] { Array("name \(number)".utf8) }

    private func head(_ content: [UInt8]) -> [UInt8] { Array(content.prefix(SlotContent.headSize)) }

    @Test("the last write of a name is known, and nothing else is")
    func last() {
        var recent = RecentWrites()
        let (first, second) = (SlotContent.entry([1]), SlotContent.makeTombstone())
        recent.insert(name(1), first)
        #expect(recent.contains(name(1), head(first)))
        recent.insert(name(1), second)
        #expect(recent.contains(name(1), head(second)))
        #expect(!recent.contains(name(1), head(first)))
        #expect(!recent.contains(name(2), head(second)))
        #expect(!recent.contains(name(1), []) && !recent.contains(name(1), Array("something".utf8)))
    }

    @Test("past the bound the oldest are forgotten")
    func bound() {
        var recent = RecentWrites(limit: 3)
        let contents = (0..<5).map { SlotContent.entry([$0]) }
        for (number, content) in contents.enumerated() { recent.insert(name(number), content) }
        let known = contents.indices.filter { recent.contains(name($0), head(contents[$0])) }
        #expect(known == [2, 3, 4])
    }
}
