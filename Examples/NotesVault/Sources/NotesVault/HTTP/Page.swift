import HTTPTypes
import Hummingbird
import NIOCore

/// The pages for people.
///
/// Each is one file: nothing is loaded from elsewhere.
enum Page {
    /// The page at `/`: search, popular notes, and what the cache does, live.
    static func home() -> Response {
        response(
            title: "Notes Vault",
            main: HomePage.markup,
            script: HomePage.script,
            status: .ok
        )
    }

    /// The page of a note.
    static func note(_ view: NoteView) -> Response {
        response(title: view.title, main: view.html, script: nil, status: .ok)
    }

    /// The page of a note that does not exist.
    static func missing(_ id: NoteID) -> Response {
        let main = """
            <article>
            <h1>There is no such note</h1>
            <p>Nothing is stored as <code>\(HTML.escape(id.rawValue))</code>. Search above, or write it:
            a <code>PUT</code> to <code>/api/notes/\(HTML.escape(HTML.percentEncodedPath(id.rawValue)))</code>, or a
            file in the vault's folder.</p>
            </article>
            """
        return response(title: "No such note", main: main, script: nil, status: .notFound)
    }

    private static func response(
        title: String,
        main: String,
        script: String?,
        status: HTTPResponse.Status
    ) -> Response {
        let html = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(HTML.escape(title))</title>
            <link rel="icon" href="data:,">
            <style>\(PageStyle.css)</style>
            </head>
            <body>
            <header>
            <a class="brand" href="/">Notes Vault</a>
            <form action="/" role="search"><input id="q" name="q" type="search" placeholder="Search the notes"
            aria-label="Search the notes" autocomplete="off" maxlength="200"></form>
            </header>
            <main>
            \(main)
            </main>
            \(script.map { "<script>\($0)</script>" } ?? "")
            </body>
            </html>
            """
        let scripts = script == nil ? "" : "script-src 'unsafe-inline'; connect-src 'self'; "
        return Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8",
                .cacheControl: "no-store",
                .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \(scripts)"
                    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
                .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html))
        )
    }
}
