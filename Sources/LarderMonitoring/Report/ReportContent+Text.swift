extension ReportContent {
    /// The report for a terminal.
    var plainText: String {
        let heading = title.printable
        return ([heading + "\n" + String(repeating: "=", count: heading.count)] + sections.map(Self.plainText))
            .joined(separator: "\n\n") + "\n"
    }

    private static func plainText(_ section: Section) -> String {
        var parts = [section.title + "\n" + String(repeating: "-", count: section.title.count)]
        if !section.facts.isEmpty {
            let width = section.facts.map(\.name.count).max() ?? 0
            parts.append(
                section.facts.map { $0.name.padded(to: width + 2) + $0.value.printable }.joined(separator: "\n")
            )
        }
        if let table = section.table {
            parts.append(table.rows.isEmpty ? table.empty : TextTable.text(head: table.head, rows: table.rows))
        }
        if !section.notes.isEmpty {
            parts.append(section.notes.map { "* " + $0.printable }.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n")
    }

    /// The report as Markdown.
    var markdown: String {
        (["# " + title.markdown] + sections.map(Self.markdown)).joined(separator: "\n\n") + "\n"
    }

    private static func markdown(_ section: Section) -> String {
        var parts = ["## " + section.title]
        if !section.facts.isEmpty {
            parts.append(rows(["", ""], section.facts.map { [$0.name, $0.value] }))
        }
        if let table = section.table {
            parts.append(table.rows.isEmpty ? table.empty : rows(table.head, table.rows))
        }
        if !section.notes.isEmpty {
            parts.append(section.notes.map { "- " + $0.markdown }.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }

    private static func rows(_ head: [String], _ rows: [[String]]) -> String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        let rule = head.indices.map { $0 == 0 ? "---" : "---:" }
        return ([line(head), line(rule)] + rows.map { line($0.map(\.markdown)) }).joined(separator: "\n")
    }
}

/// Text in columns: the first aligned left, the others right.
package enum TextTable {
    /// Writes rows under a head, as wide as they need.
    package static func text(head: [String], rows: [[String]]) -> String {
        let lines = [head] + rows.map { $0.map(\.printable) }
        let widths = head.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return
            lines.map { line in
                zip(line, widths).enumerated()
                    .map { column, cell in
                        column == 0
                            ? cell.0.padded(to: cell.1) : String(repeating: " ", count: cell.1 - cell.0.count) + cell.0
                    }
                    .joined(separator: "  ").trimmedAtEnd
            }
            .joined(separator: "\n")
    }
}

extension String {
    /// The text with spaces behind it up to a width.
    package func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    fileprivate var trimmedAtEnd: String { String(reversed().drop { $0 == " " }.reversed()) }
}
