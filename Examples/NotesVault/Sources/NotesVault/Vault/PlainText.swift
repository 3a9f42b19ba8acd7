/// The words of a note without its markup, for the full-text index and its snippets.
enum PlainText {
    /// The text with wiki links replaced by their labels and without marks and control characters.
    static func of(_ markdown: String) -> String {
        let bytes = Array(markdown.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            if let content = MarkupScan.wikiLink(bytes, at: position),
                let link = WikiLink(String(decoding: bytes[content], as: UTF8.self))
            {
                result += link.label.utf8
                position = content.upperBound + 2
                continue
            }
            switch bytes[position] {
            case UInt8(ascii: "*"), UInt8(ascii: "`"), UInt8(ascii: "#"), UInt8(ascii: ">"): break
            case 0..<0x20: result.append(UInt8(ascii: " "))
            default: result.append(bytes[position])
            }
            position += 1
        }
        return String(decoding: result, as: UTF8.self)
    }
}
