/// How all pages look, in light and dark.
enum PageStyle {
    static let css = """
        :root {
          --ground: #faf9f6; --card: #ffffff; --ink: #22241f; --soft: #6a6d63; --line: #e6e4dc;
          --accent: #2f7d5b; --accent-soft: #cfe6da; --second: #d99a2b; --rest: #e3e1d8; --mark: #fbe7b2;
          --shadow: 0 1px 2px rgba(40, 40, 20, .05), 0 4px 16px rgba(40, 40, 20, .05);
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #16181a; --card: #1f2224; --ink: #e8e6df; --soft: #9a9c94; --line: #2e3234;
            --accent: #63c296; --accent-soft: #234335; --second: #e0ab4c; --rest: #34383a; --mark: #5a4a1c;
            --shadow: none;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; background: var(--ground); color: var(--ink);
          font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
        }
        header {
          display: flex; gap: 1.5rem; align-items: center; max-width: 62rem; margin: 0 auto; padding: 1.25rem 1.5rem;
        }
        .brand { font-weight: 700; font-size: 1.1rem; color: var(--ink); white-space: nowrap; }
        header form { flex: 1; }
        input[type=search] {
          width: 100%; padding: .6rem 1rem; font: inherit; color: inherit; background: var(--card);
          border: 1px solid var(--line); border-radius: 999px; outline-color: var(--accent); box-shadow: var(--shadow);
        }
        main { max-width: 62rem; margin: 0 auto; padding: .5rem 1.5rem 4rem; }
        a { color: var(--accent); text-decoration: none; }
        a:hover { text-decoration: underline; }
        h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
        article, section {
          background: var(--card); border: 1px solid var(--line); border-radius: 14px; box-shadow: var(--shadow);
          padding: 1.5rem 1.75rem; margin-bottom: 1.25rem;
        }
        section h2 { font-size: 1rem; margin: 0 0 1rem; }
        article { padding: 2rem clamp(1.25rem, 5vw, 3.5rem) 2.25rem; }
        article > * { max-width: 44rem; margin-left: auto; margin-right: auto; }
        article h1 { font-size: 2rem; margin: .2rem auto .6rem; }
        article h2 { font-size: 1.25rem; margin-top: 2rem; }
        article blockquote {
          margin-left: auto; margin-right: auto; padding: .1rem 1.1rem; border-left: 3px solid var(--accent);
          color: var(--soft);
        }
        article pre { padding: 1rem; overflow-x: auto; background: var(--ground); border-radius: 8px; }
        article li:has(> input) { list-style: none; margin-left: -1.3rem; }
        input[type=checkbox] { accent-color: var(--accent); margin-right: .3rem; }
        code { font: .9em ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
        .details { color: var(--soft); font-size: .85rem; margin-bottom: 0; }
        .tags { margin-top: 0; }
        .tag { font-size: .85rem; padding: .1rem .55rem; border-radius: 999px; background: var(--accent-soft); }
        .missing { color: var(--soft); border-bottom: 1px dashed var(--soft); }
        .links { list-style: none; margin: 0; padding: 0; columns: 15rem; column-gap: 2rem; }
        .links li { break-inside: avoid; padding: .15rem 0; }
        details { margin-top: .75rem; }
        summary { cursor: pointer; color: var(--soft); margin-bottom: .5rem; }
        mark { background: var(--mark); color: inherit; border-radius: 3px; padding: 0 .1em; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: 0 1.25rem; }
        .tiles section { padding: 1.1rem 1.4rem; }
        .tile-value { font-size: 1.9rem; font-weight: 700; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
        .tile-name, .note { color: var(--soft); font-size: .85rem; }
        .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 0 1.25rem; }
        .row { display: grid; grid-template-columns: 5.5rem 1fr 4.5rem; gap: .9rem; align-items: center; padding: .28rem 0; }
        .row b { font-weight: 600; text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .bar { display: flex; height: .8rem; border-radius: 999px; overflow: hidden; background: var(--rest); }
        .bar i { display: block; width: 0; transition: width .4s; }
        .l1 { background: var(--accent); } .l2 { background: var(--second); } .off { background: var(--soft); }
        .key { display: inline-block; width: .7rem; height: .7rem; border-radius: 3px; margin: 0 .35rem 0 .9rem; }
        .key:first-child { margin-left: 0; }
        .key.rest { background: var(--rest); }
        .hit { padding: .7rem 0; border-top: 1px solid var(--line); }
        .hit:first-of-type { border-top: 0; padding-top: 0; }
        .hit p { margin: .15rem 0 0; font-size: .92rem; color: var(--soft); }
        .hit a { font-weight: 600; }
        .path { color: var(--soft); font-size: .8rem; margin-left: .5rem; font-weight: 400; }
        p.note:last-child { margin-bottom: 0; }
        [hidden] { display: none; }
        """
}
