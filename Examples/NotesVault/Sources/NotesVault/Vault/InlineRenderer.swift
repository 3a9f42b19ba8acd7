/// Renders what stands inside a paragraph: emphasis, code, links and tags.
struct InlineRenderer {
    /// How deep emphasis and link texts may stand in each other.
    private static let maximumDepth = 6

    private let bytes: [UInt8]
    private let depth: Int
    /// HTML has no links inside links.
    private let isInsideLink: Bool
    private let page: (WikiLink) -> String?
    private var position = 0
    private var textStart = 0
    private var output = ""
    /// Marks that no later mark closes: they are not looked for again, which keeps the whole linear.
    private var unclosed: Set<[UInt8]> = []

    /// Renders a text to HTML.
    static func html(_ text: String, page: (WikiLink) -> String?) -> String {
        withoutActuallyEscaping(page) { page in
            var renderer = InlineRenderer(bytes: Array(text.utf8), depth: 0, isInsideLink: false, page: page)
            return renderer.render()
        }
    }

    private init(bytes: [UInt8], depth: Int, isInsideLink: Bool, page: @escaping (WikiLink) -> String?) {
        self.bytes = bytes
        self.depth = depth
        self.isInsideLink = isInsideLink
        self.page = page
    }

    private mutating func render() -> String {
        while position < bytes.count {
            let start = position
            if let html = element() {
                output += HTML.escape(String(decoding: bytes[textStart..<start], as: UTF8.self)) + html
                textStart = position
            } else {
                position = start + 1
            }
        }
        output += HTML.escape(String(decoding: bytes[textStart...], as: UTF8.self))
        return output
    }

    /// The HTML of the element that starts here, with the position moved behind it, or `nil` if it is text.
    private mutating func element() -> String? {
        switch bytes[position] {
        case UInt8(ascii: "\\"): escaped()
        case UInt8(ascii: "`"): code()
        case UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "~"): emphasis()
        case UInt8(ascii: "!"): isAt("[", offset: 1) ? embedded() : nil
        case UInt8(ascii: "["): wikiLink() ?? link()
        case UInt8(ascii: "#"): tag()
        case UInt8(ascii: "h"): bareAddress()
        default: nil
        }
    }

    private mutating func escaped() -> String? {
        let next = position + 1
        guard next < bytes.count, bytes[next] > 0x20, bytes[next] < 0x7F, !Self.isWordByte(bytes[next]) else {
            return nil
        }
        position = next + 1
        return HTML.escape(String(decoding: bytes[next...next], as: UTF8.self))
    }

    private mutating func code() -> String? {
        let mark = Array(bytes[position...].prefix { $0 == UInt8(ascii: "`") })
        let start = position + mark.count
        guard let end = find(mark, from: start) else { return nil }
        position = end + mark.count
        return "<code>" + HTML.escape(String(decoding: bytes[start..<end], as: UTF8.self)) + "</code>"
    }

    private mutating func emphasis() -> String? {
        let mark = bytes[position]
        let run = bytes[position...].prefix { $0 == mark }.count
        let isUnderscore = mark == UInt8(ascii: "_")
        if isUnderscore, position > 0, Self.isWordByte(bytes[position - 1]) { return nil }
        let (length, names): (Int, [String]) =
            switch (mark, run) {
            case (UInt8(ascii: "~"), 2): (2, ["del"])
            case (UInt8(ascii: "~"), _): (0, [])
            case (_, 1): (1, ["em"])
            case (_, 2): (2, ["strong"])
            case (_, 3): (3, ["strong", "em"])
            default: (0, [])
            }
        let start = position + length
        guard length > 0, depth < Self.maximumDepth, start < bytes.count, bytes[start] > 0x20 else { return nil }
        let closing = Array(repeating: mark, count: length)
        guard let end = find(closing, from: start + 1), bytes[end - 1] > 0x20 else { return nil }
        if isUnderscore, end + length < bytes.count, Self.isWordByte(bytes[end + length]) { return nil }
        position = end + length
        let opening = names.map { "<\($0)>" }.joined()
        let ending = names.reversed().map { "</\($0)>" }.joined()
        return opening + inner(start..<end) + ending
    }

    /// An embedded note or a picture becomes a link: a note page loads nothing from elsewhere.
    private mutating func embedded() -> String? {
        position += 1
        return wikiLink() ?? link()
    }

    private mutating func wikiLink() -> String? {
        guard !isInsideLink, let content = MarkupScan.wikiLink(bytes, at: position),
            let link = WikiLink(String(decoding: bytes[content], as: UTF8.self))
        else { return nil }
        position = content.upperBound + 2
        let label = HTML.escape(link.label)
        guard let path = page(link) else {
            return "<span class=\"missing\" title=\"There is no such note yet.\">\(label)</span>"
        }
        return "<a class=\"wiki\" href=\"\(HTML.escape(path))\">\(label)</a>"
    }

    private mutating func link() -> String? {
        guard !isInsideLink, depth < Self.maximumDepth,
            let labelEnd = bytes[(position + 1)...]
                .firstIndex(where: { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") }),
            bytes[labelEnd...].starts(with: "](".utf8),
            let end = find([UInt8(ascii: ")")], from: labelEnd + 2)
        else { return nil }
        let label = (position + 1)..<labelEnd
        let destination = String(decoding: bytes[(labelEnd + 2)..<end], as: UTF8.self)
        let address = destination[...].trimmingSpaces().split(separator: " ", maxSplits: 1).first ?? ""
        let text = inner(label, isInsideLink: true)
        position = end + 1
        guard let safe = HTML.safeAddress(address) else { return text }
        return "<a href=\"\(safe)\" rel=\"noopener noreferrer\">\(text)</a>"
    }

    private mutating func tag() -> String? {
        guard !isInsideLink, let name = MarkupScan.tag(bytes, at: position) else { return nil }
        position = name.upperBound
        let text = String(decoding: bytes[name], as: UTF8.self)
        let query = HTML.percentEncodedPath(text)
        return "<a class=\"tag\" href=\"/?q=\(query)\">#\(HTML.escape(text))</a>"
    }

    private mutating func bareAddress() -> String? {
        guard !isInsideLink, position == 0 || !Self.isWordByte(bytes[position - 1]) else { return nil }
        let rest = bytes[position...]
        guard rest.starts(with: "http://".utf8) || rest.starts(with: "https://".utf8) else { return nil }
        var end = rest.firstIndex { $0 <= 0x20 || $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ")") } ?? bytes.count
        while end > position, ".,;:!?\"'*_".utf8.contains(bytes[end - 1]) { end -= 1 }
        let text = String(decoding: bytes[position..<end], as: UTF8.self)
        guard let safe = HTML.safeAddress(text) else { return nil }
        position = end
        return "<a href=\"\(safe)\" rel=\"noopener noreferrer\">\(HTML.escape(text))</a>"
    }

    private func inner(_ range: Range<Int>, isInsideLink: Bool? = nil) -> String {
        var renderer = InlineRenderer(
            bytes: Array(bytes[range]),
            depth: depth + 1,
            isInsideLink: isInsideLink ?? self.isInsideLink,
            page: page
        )
        return renderer.render()
    }

    private func isAt(_ character: Unicode.Scalar, offset: Int) -> Bool {
        position + offset < bytes.count && bytes[position + offset] == UInt8(ascii: character)
    }

    /// Where a mark comes next, as a run of exactly its length if it is of one character.
    private mutating func find(_ mark: [UInt8], from start: Int) -> Int? {
        guard !unclosed.contains(mark), let first = mark.first else { return nil }
        let isRun = mark.allSatisfy { $0 == first }
        var index = start
        while index + mark.count <= bytes.count {
            guard let next = bytes[index...].firstIndex(of: first) else { break }
            let run = bytes[next...].prefix { $0 == first }.count
            if isRun ? run == mark.count : bytes[next...].starts(with: mark) { return next }
            index = next + (isRun ? run : 1)
        }
        unclosed.insert(mark)
        return nil
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
            true
        default: false
        }
    }
}
