/// A value of the front matter: one text or a list of them.
enum FrontMatterValue: Hashable, Sendable {
    case text(String)
    case list([String])

    /// The list, or the text as a list of one.
    var texts: [String] {
        switch self {
        case .text(let text): [text]
        case .list(let texts): texts
        }
    }
}

extension FrontMatterValue: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else {
            self = .list(try container.decode([String].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .list(let texts): try container.encode(texts)
        }
    }
}

/// The lines between two `---` at the top of a file, as far as notes use YAML: `key: value`,
/// `key: [a, b]`, and `key:` above lines of `- item`.
struct FrontMatter: Hashable, Sendable {
    private(set) var values: [String: FrontMatterValue] = [:]

    /// Splits a file into its front matter and the Markdown below.
    ///
    /// A file whose first line is not `---`, or that never closes it, is all Markdown.
    static func split(_ source: String) -> (frontMatter: FrontMatter, body: String) {
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, isFence(first) else { return (FrontMatter(), source) }
        guard let end = lines.dropFirst().firstIndex(where: isFence) else { return (FrontMatter(), source) }
        var body = lines[(end + 1)...]
        while let line = body.first, line.allSatisfy(\.isWhitespace), body.count > 1 { body = body.dropFirst() }
        return (FrontMatter(lines: lines[1..<end]), body.joined(separator: "\n"))
    }

    init() {}

    private init(lines: ArraySlice<Substring>) {
        var openList: String?
        for line in lines {
            let text = line.trimmingSpaces()
            if text.isEmpty || text.hasPrefix("#") { continue }
            if let key = openList, text.hasPrefix("- ") {
                append(Self.unquoted(text.dropFirst(2)), to: key)
                continue
            }
            openList = nil
            guard line.first?.isWhitespace == false, let colon = text.firstIndex(of: ":") else { continue }
            let key = String(text[..<colon].trimmingSpaces())
            let value = text[text.index(after: colon)...].trimmingSpaces()
            if value.isEmpty {
                openList = key
                values[key] = .text("")
            } else if value.hasPrefix("["), value.hasSuffix("]") {
                let items = value.dropFirst().dropLast().split(separator: ",").map(Self.unquoted)
                values[key] = .list(items.filter { !$0.isEmpty })
            } else {
                values[key] = .text(Self.unquoted(value))
            }
        }
    }

    private mutating func append(_ item: String, to key: String) {
        guard case .list(let items) = values[key] else {
            values[key] = .list([item])
            return
        }
        values[key] = .list(items + [item])
    }

    private static func isFence(_ line: Substring) -> Bool {
        line.hasPrefix("---") && line.dropFirst(3).allSatisfy(\.isWhitespace)
    }

    private static func unquoted(_ text: Substring) -> String {
        let text = text.trimmingSpaces()
        guard text.count >= 2, let quote = text.first, quote == "\"" || quote == "'", text.last == quote else {
            return String(text)
        }
        return String(text.dropFirst().dropLast())
    }
}

extension Substring {
    /// The text without the white space around it.
    func trimmingSpaces() -> Substring {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
