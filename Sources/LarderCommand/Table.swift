/// Text in columns: the first aligned left, the others right.
enum Table {
    static func text(head: [String], rows: [[String]]) -> String {
        let lines = [head] + rows
        let widths = head.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return
            lines.map { line in
                zip(line, widths).enumerated()
                    .map { column, cell in
                        let space = String(repeating: " ", count: cell.1 - cell.0.count)
                        return column == 0 ? cell.0 + space : space + cell.0
                    }
                    .joined(separator: "  ")
            }
            .joined(separator: "\n")
    }

    static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    static func padLeft(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
