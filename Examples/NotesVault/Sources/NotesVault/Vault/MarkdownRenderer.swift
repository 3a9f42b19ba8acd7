/// Renders the Markdown of a note to HTML that is safe to show: everything is escaped, raw HTML is shown as
/// text, and links lead only to the web, to mail and to other notes.
///
/// Headings, paragraphs, lists (also nested, numbered, and of tasks), block quotes, code, rules, emphasis,
/// links, wiki links and tags are rendered; anything else is text. Any text renders in linear time.
struct MarkdownRenderer {
    /// Where a wiki link leads: the path of a page, or `nil` if there is no such note.
    let page: (WikiLink) -> String?

    /// How deep quotes and lists may stand in each other; below it they are text.
    private static let maximumDepth = 8

    /// Renders a text.
    func html(_ markdown: String) -> String {
        let lines = markdown.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                line.hasSuffix("\r") ? line.dropLast() : line
            }
        var output = ""
        output.reserveCapacity(markdown.utf8.count * 3 / 2)
        render(lines[...], depth: 0, into: &output)
        return output
    }

    private func render(_ lines: ArraySlice<Substring>, depth: Int, into output: inout String) {
        var rest = lines
        var paragraph: [Substring] = []

        func endParagraph() {
            guard !paragraph.isEmpty else { return }
            output += "<p>" + inline(paragraph.joined(separator: "\n")) + "</p>\n"
            paragraph = []
        }

        while let line = rest.first {
            let block = MarkdownLine(line)
            switch block {
            case .blank:
                endParagraph()
                rest = rest.dropFirst()
            case .heading(let level, let text):
                endParagraph()
                output += "<h\(level)>" + inline(String(text)) + "</h\(level)>\n"
                rest = rest.dropFirst()
            case .rule:
                endParagraph()
                output += "<hr>\n"
                rest = rest.dropFirst()
            case .fence(let mark):
                endParagraph()
                renderCode(&rest, mark: mark, into: &output)
            case .quote where depth < Self.maximumDepth:
                endParagraph()
                renderQuote(&rest, depth: depth, into: &output)
            case .item(let item) where depth < Self.maximumDepth && (paragraph.isEmpty || item.mayInterrupt):
                endParagraph()
                renderList(&rest, first: item, depth: depth, into: &output)
            case .text, .quote, .item:
                paragraph.append(line.trimmingSpaces())
                rest = rest.dropFirst()
            }
        }
        endParagraph()
    }

    private func renderCode(_ rest: inout ArraySlice<Substring>, mark: Substring, into output: inout String) {
        rest = rest.dropFirst()
        output += "<pre><code>"
        while let line = rest.popFirst() {
            let text = line.trimmingSpaces()
            if text.hasPrefix(mark), text.allSatisfy({ $0 == mark.first }) { break }
            output += HTML.escape(line) + "\n"
        }
        output += "</code></pre>\n"
    }

    private func renderQuote(_ rest: inout ArraySlice<Substring>, depth: Int, into output: inout String) {
        var quoted: [Substring] = []
        while let line = rest.first, case .quote(let text) = MarkdownLine(line) {
            quoted.append(text)
            rest = rest.dropFirst()
        }
        output += "<blockquote>\n"
        render(quoted[...], depth: depth + 1, into: &output)
        output += "</blockquote>\n"
    }

    private func renderList(
        _ rest: inout ArraySlice<Substring>,
        first: MarkdownLine.Item,
        depth: Int,
        into output: inout String
    ) {
        let isOrdered = first.number != nil
        let start = first.number.flatMap { $0 == 1 ? nil : " start=\"\($0)\"" } ?? ""
        output += isOrdered ? "<ol\(start)>\n" : "<ul>\n"
        while let line = rest.first, case .item(let item) = MarkdownLine(line), item.indent == first.indent,
            (item.number != nil) == isOrdered
        {
            rest = rest.dropFirst()
            // What is indented below an item belongs to it.
            var inner: [Substring] = []
            while let next = rest.first {
                let indent = MarkdownLine.indent(of: next)
                let isBlank = next.allSatisfy(\.isWhitespace)
                if isBlank {
                    guard let after = rest.dropFirst().first, MarkdownLine.indent(of: after) > first.indent,
                        !after.allSatisfy(\.isWhitespace)
                    else { break }
                } else if indent <= first.indent {
                    break
                }
                inner.append(MarkdownLine.dropping(upTo: first.indent + 2, of: next))
                rest = rest.dropFirst()
            }
            output += "<li>" + checkbox(item.isDone) + inline(String(item.text))
            if !inner.isEmpty {
                output += "\n"
                render(inner[...], depth: depth + 1, into: &output)
            }
            output += "</li>\n"
        }
        output += isOrdered ? "</ol>\n" : "</ul>\n"
    }

    private func checkbox(_ isDone: Bool?) -> String {
        guard let isDone else { return "" }
        return "<input type=\"checkbox\" disabled\(isDone ? " checked" : "")> "
    }

    private func inline(_ text: String) -> String {
        InlineRenderer.html(text, page: page)
    }
}
