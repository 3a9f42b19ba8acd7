import Testing

@testable import NotesVault

@Suite struct MarkdownRendererTests {
    private func html(_ markdown: String) -> String {
        MarkdownRenderer { link in link.target == "missing" ? nil : "/notes/\(link.target)" }.html(markdown)
    }

    @Test(
        "blocks",
        arguments: [
            ("# One\n### Three", "<h1>One</h1>\n<h3>Three</h3>\n"),
            ("a\nb\n\nc", "<p>a\nb</p>\n<p>c</p>\n"),
            ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
            ("3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n"),
            ("- a\n  - b\n- c", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n<li>c</li>\n</ul>\n"),
            ("> a\n> b", "<blockquote>\n<p>a\nb</p>\n</blockquote>\n"),
            (
                "```swift\nlet a = \"<&>\"\n```\nb",
                "<pre><code>let a = &quot;&lt;&amp;&gt;&quot;\n</code></pre>\n<p>b</p>\n"
            ),
            ("a\n\n---\n\nb", "<p>a</p>\n<hr>\n<p>b</p>\n"),
            ("In\n1984. was", "<p>In\n1984. was</p>\n"),
        ]
    )
    func blocks(_ markdown: String, _ expected: String) {
        #expect(html(markdown) == expected)
    }

    @Test(
        "inline elements",
        arguments: [
            (
                "*a* _b_ **c** ***d*** ~~e~~",
                "<em>a</em> <em>b</em> <strong>c</strong> <strong><em>d</em></strong> <del>e</del>"
            ),
            ("snake_case_name 2 * 3 * 4", "snake_case_name 2 * 3 * 4"),
            ("`a*b*<` ``c`d``", "<code>a*b*&lt;</code> <code>c`d</code>"),
            ("[a](https://b.c/d?e=1&f)", "<a href=\"https://b.c/d?e=1&amp;f\" rel=\"noopener noreferrer\">a</a>"),
            (
                "[[a|b]] [[missing]]",
                "<a class=\"wiki\" href=\"/notes/a\">b</a> <span class=\"missing\" title=\"There is no such note yet.\">missing</span>"
            ),
            ("#tag/x", "<a class=\"tag\" href=\"/?q=tag/x\">#tag/x</a>"),
            ("\\*a\\* \\<", "*a* &lt;"),
            ("see https://a.b/c.", "see <a href=\"https://a.b/c\" rel=\"noopener noreferrer\">https://a.b/c</a>."),
            ("[https://a.b](https://c.d)", "<a href=\"https://c.d\" rel=\"noopener noreferrer\">https://a.b</a>"),
        ]
    )
    func inline(_ markdown: String, _ expected: String) {
        #expect(html(markdown) == "<p>\(expected)</p>\n")
    }

    @Test(
        "an address that could run code or read files is no link",
        arguments: [
            "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\u{1}script:alert", " javascript:x", "data:text/html,x",
            "vbscript:x", "file:///etc/passwd", "\u{1}javascript:x", "x-unknown:y",
        ]
    )
    func refusedAddress(_ address: String) {
        #expect(HTML.safeAddress(address) == nil)
        #expect(!html("[a](\(address))").contains("<a"))
    }

    @Test(
        "addresses of the web, of mail and of this site are links",
        arguments: ["https://a", "mailto:a@b", "/a:b", "a#b:c", "?q=a:b"]
    )
    func acceptedAddress(_ address: String) {
        #expect(HTML.safeAddress(address) == address)
    }

    @Test("HTML in a note is shown as text wherever it stands")
    func escaping() {
        let evil = "<script>alert('x')</script>\"'&"
        for markdown in [
            evil, "# \(evil)", "- \(evil)", "> \(evil)", "`\(evil)`", "```\n\(evil)\n```", "[[\(evil)]]",
            "[\(evil)](https://a)", "[a](https://b/\(evil))", "**\(evil)**", "#\(evil)", "[[a|\(evil)]]",
        ] {
            let html = html(markdown)
            #expect(!html.contains("<script"), "\(markdown)")
            #expect(!html.contains("\"'"), "\(markdown)")
        }
    }

    @Test("a hostile text renders in linear time", .timeLimit(.minutes(10)))
    func linear() {
        for piece in ["[", "![", "[[", "*a **b ", "`", "> ", "- ", "[a](", "_a ", "~~", "\\", "<", "#a#"] {
            let text = String(repeating: piece, count: 20_000)
            #expect(!html(text).isEmpty)
        }
    }
}
