/// One pass over the Markdown of a note that collects what the index wants to know.
///
/// Code is left out.
struct MarkupScan {
    private(set) var firstHeading: String?
    private(set) var links: [WikiLink] = []
    private(set) var tags: [String] = []

    init(_ body: String) {
        var inFence = false
        for line in body.utf8.split(separator: UInt8(ascii: "\n")) {
            let content = line.drop { $0 == UInt8(ascii: " ") }
            if content.starts(with: "```".utf8) || content.starts(with: "~~~".utf8) {
                inFence.toggle()
            } else if !inFence {
                scan(Array(content))
            }
        }
        links = links.removingDuplicates(by: \.targetKey)
        tags = tags.removingDuplicates(by: \.self)
    }

    private mutating func scan(_ line: [UInt8]) {
        if firstHeading == nil, line.starts(with: "# ".utf8) {
            let text = String(decoding: line.dropFirst(2), as: UTF8.self)
            firstHeading = String(text[...].trimmingSpaces())
        }
        var position = 0
        while position < line.count {
            switch line[position] {
            case UInt8(ascii: "`"):
                position = line[(position + 1)...].firstIndex(of: UInt8(ascii: "`")).map { $0 + 1 } ?? position + 1
            case UInt8(ascii: "["):
                position = scanLink(line, at: position)
            case UInt8(ascii: "#"):
                position = scanTag(line, at: position)
            default:
                position += 1
            }
        }
    }

    private mutating func scanLink(_ line: [UInt8], at start: Int) -> Int {
        guard let content = Self.wikiLink(line, at: start) else { return start + 1 }
        if let link = WikiLink(String(decoding: line[content], as: UTF8.self)), !link.target.isEmpty {
            links.append(link)
        }
        return content.upperBound + 2
    }

    private mutating func scanTag(_ line: [UInt8], at start: Int) -> Int {
        guard let name = Self.tag(line, at: start) else {
            return line[start...].firstIndex { $0 != UInt8(ascii: "#") } ?? line.count
        }
        tags.append(String(decoding: line[name], as: UTF8.self).lowercased())
        return name.upperBound
    }

    /// What stands between the `[[` that starts here and the next `]]`, or `nil` if that is no wiki link.
    static func wikiLink(_ bytes: [UInt8], at start: Int) -> Range<Int>? {
        let bracket = UInt8(ascii: "[")
        let closing = UInt8(ascii: "]")
        guard start + 1 < bytes.count, bytes[start] == bracket, bytes[start + 1] == bracket else { return nil }
        let first = start + 2
        // A longer text in brackets is no name of a note, and the bound keeps the scan linear.
        let limit = Swift.min(bytes.count - 1, first + 600)
        var position = first
        while position < limit {
            switch bytes[position] {
            case closing where bytes[position + 1] == closing: return position > first ? first..<position : nil
            case bracket, UInt8(ascii: "\n"): return nil
            default: position += 1
            }
        }
        return nil
    }

    /// The name behind the `#` that stands here, or `nil` if it starts no tag.
    ///
    /// A tag stands at the start of a word, and is letters, digits, `_`, `-` and `/` with at least one that
    /// is no digit.
    static func tag(_ bytes: [UInt8], at start: Int) -> Range<Int>? {
        if start > 0 {
            let before = bytes[start - 1]
            guard
                before == UInt8(ascii: " ") || before == UInt8(ascii: "(") || before == UInt8(ascii: "\t")
                    || before == UInt8(ascii: "\n")
            else { return nil }
        }
        let end = bytes[(start + 1)...].firstIndex { !isTagByte($0) } ?? bytes.count
        let name = (start + 1)..<end
        guard bytes[name].contains(where: { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return name
    }

    private static func isTagByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "/"), 0x80...:
            true
        default: false
        }
    }
}
