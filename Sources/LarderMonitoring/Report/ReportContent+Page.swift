extension ReportContent {
    /// The report as a page that needs nothing else.
    var page: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>\(title.html)</title>
        <style>\(Self.style)</style>
        </head>
        <body>
        <main>
        <h1>\(title.html)</h1>
        \(sections.map(Self.html).joined(separator: "\n"))
        </main>
        </body>
        </html>

        """
    }

    private static func html(_ section: Section) -> String {
        var parts = ["<section>", "<h2>\(section.title.html)</h2>"]
        if !section.facts.isEmpty {
            let facts = section.facts.map { "<div><dt>\($0.name.html)</dt><dd>\($0.value.html)</dd></div>" }
            parts.append("<dl>\(facts.joined())</dl>")
        }
        if !section.charts.isEmpty {
            parts.append("<div class=\"charts\">\(section.charts.map(\.figure).joined(separator: "\n"))</div>")
        }
        if let table = section.table { parts.append(html(table)) }
        if !section.notes.isEmpty {
            parts.append("<ul>\(section.notes.map { "<li>\($0.html)</li>" }.joined())</ul>")
        }
        return (parts + ["</section>"]).joined(separator: "\n")
    }

    private static func html(_ table: Table) -> String {
        guard !table.rows.isEmpty else { return "<p>\(table.empty.html)</p>" }
        let head = table.head.map { "<th scope=\"col\">\($0.html)</th>" }.joined()
        let rows = table.rows.map { row in
            let cells = row.enumerated()
                .map { $0 == 0 ? "<th scope=\"row\">\($1.html)</th>" : "<td>\($1.html)</td>" }
            return "<tr>\(cells.joined())</tr>"
        }
        return """
            <div class="scroll"><table><thead><tr>\(head)</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
            """
    }

    private static let style = """
        :root { color-scheme: light dark;
          --ground: light-dark(#f7f7f5, #141618); --card: light-dark(#fff, #1d2022); --ink: light-dark(#1f2328, #e6e6e1);
          --soft: light-dark(#5d636b, #a0a49c); --line: light-dark(#e3e4e0, #33383b);
          --c0: light-dark(#2f7d5b, #63c296); --c1: light-dark(#b36b00, #e0ab4c); --c2: light-dark(#7048b6, #b79cf0);
          --c3: light-dark(#c0392b, #f08a7d); --c4: light-dark(#1f6fb2, #74b3ea); --c5: light-dark(#6b7280, #9aa3af); }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink);
          font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
        main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1.5rem; text-wrap: balance; overflow-wrap: anywhere; }
        h2 { font-size: 1.05rem; margin: 0 0 1rem; }
        section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.25rem 1.5rem;
          margin-bottom: 1.25rem; break-inside: avoid; }
        dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: .75rem 1.5rem; margin: 0 0 1rem; }
        dt { color: var(--soft); font-size: .85rem; }
        dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; }
        .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); gap: 1rem 1.5rem; }
        figure { margin: 0 0 1rem; }
        figcaption { font-size: .85rem; color: var(--soft); }
        figcaption b { color: var(--ink); font-weight: 600; }
        svg { display: block; width: 100%; height: auto; }
        svg text { fill: var(--soft); font-size: 11px; }
        svg .grid { stroke: var(--line); }
        svg .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .c0 { stroke: var(--c0); fill: var(--c0); } .c1 { stroke: var(--c1); fill: var(--c1); }
        .c2 { stroke: var(--c2); fill: var(--c2); } .c3 { stroke: var(--c3); fill: var(--c3); }
        .c4 { stroke: var(--c4); fill: var(--c4); } .c5 { stroke: var(--c5); fill: var(--c5); }
        .key { display: inline-block; width: .7rem; height: .7rem; border-radius: 3px; margin: 0 .3rem 0 .8rem; }
        i.c0 { background: var(--c0); } i.c1 { background: var(--c1); } i.c2 { background: var(--c2); }
        i.c3 { background: var(--c3); } i.c4 { background: var(--c4); } i.c5 { background: var(--c5); }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .92rem; }
        th, td { text-align: right; padding: .4rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
        th:first-child { text-align: left; padding-left: 0; }
        tbody th { font-weight: 600; max-width: 24rem; overflow: hidden; text-overflow: ellipsis; }
        thead th { color: var(--soft); font-weight: 500; font-size: .85rem; }
        tr:last-child > * { border-bottom: 0; }
        ul { margin: 0; padding-left: 1.2rem; } li { margin: .35rem 0; overflow-wrap: anywhere; }
        p { margin: 0; color: var(--soft); }
        """
}
