/// What one line of Markdown starts, seen alone.
enum MarkdownLine {
    /// An item of a list.
    struct Item {
        var indent: Int
        /// The number of an item of a numbered list.
        var number: Int?
        /// Whether a task is done, if this is one.
        var isDone: Bool?
        var text: Substring
        /// Whether the item may follow a paragraph without a blank line; a year at the start of a line may not.
        var mayInterrupt: Bool { number == nil || number == 1 }
    }

    case blank
    case heading(level: Int, text: Substring)
    case rule
    case fence(mark: Substring)
    case quote(Substring)
    case item(Item)
    case text

    init(_ line: Substring) {
        let text = line.drop { $0 == " " || $0 == "\t" }
        guard let first = text.first else {
            self = .blank
            return
        }
        switch first {
        case "#":
            self = Self.heading(text) ?? .text
        case "`", "~":
            let mark = text.prefix { $0 == first }
            self = mark.count >= 3 ? .fence(mark: mark) : .text
        case ">":
            let quoted = text.dropFirst()
            self = .quote(quoted.first == " " ? quoted.dropFirst() : quoted)
        case "-", "*", "+", "_":
            self = Self.isRule(text, of: first) ? .rule : Self.bullet(text, indent: Self.indent(of: line)) ?? .text
        case "0"..."9":
            self = Self.numbered(text, indent: Self.indent(of: line)) ?? .text
        default:
            self = .text
        }
    }

    /// How far a line is indented; a tab counts as four spaces.
    static func indent(of line: Substring) -> Int {
        var indent = 0
        for character in line {
            switch character {
            case " ": indent += 1
            case "\t": indent += 4
            default: return indent
            }
        }
        return indent
    }

    /// A line without its first spaces, at most so many columns of them.
    static func dropping(upTo columns: Int, of line: Substring) -> Substring {
        var rest = line
        var dropped = 0
        while dropped < columns, let first = rest.first, first == " " || first == "\t" {
            dropped += first == " " ? 1 : 4
            rest = rest.dropFirst()
        }
        return rest
    }

    private static func heading(_ text: Substring) -> MarkdownLine? {
        let level = text.prefix { $0 == "#" }.count
        let rest = text.dropFirst(level)
        guard level <= 6, rest.isEmpty || rest.first == " " else { return nil }
        return .heading(level: level, text: rest.trimmingSpaces())
    }

    private static func isRule(_ text: Substring, of mark: Character) -> Bool {
        let marks = text.filter { $0 != " " }
        return mark != "+" && marks.count >= 3 && marks.allSatisfy { $0 == mark }
    }

    private static func bullet(_ text: Substring, indent: Int) -> MarkdownLine? {
        guard text.first != "_", text.dropFirst().first == " " else { return nil }
        var content = text.dropFirst(2).trimmingSpaces()
        var isDone: Bool?
        for (mark, done) in [("[ ] ", false), ("[x] ", true), ("[X] ", true)] where content.hasPrefix(mark) {
            isDone = done
            content = content.dropFirst(mark.count)
        }
        return .item(Item(indent: indent, number: nil, isDone: isDone, text: content))
    }

    private static func numbered(_ text: Substring, indent: Int) -> MarkdownLine? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let rest = text.dropFirst(digits.count)
        guard digits.count <= 9, let number = Int(digits), rest.hasPrefix(". ") || rest.hasPrefix(") ") else {
            return nil
        }
        return .item(Item(indent: indent, number: number, isDone: nil, text: rest.dropFirst(2).trimmingSpaces()))
    }
}
