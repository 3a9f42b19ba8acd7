import HTTPTypes
import Hummingbird
import LarderHummingbird
import LarderMonitoring
import Logging
import NIOCore

/// The HTTP interface of the vault.
///
/// An id may contain slashes, so it is the rest of the path: `/api/notes/projects/garden`. Percent codes are
/// decoded.
struct NotesRouter: Sendable {
    /// The most hits that a search returns if it does not say how many it wants.
    static let defaultLimit = 20

    let repository: any NoteRepository
    let monitor: ServiceMonitor
    let logger: Logger

    /// Counts the views of pages; `nil` where nobody does.
    var views: ViewCounter?

    /// Tells a cache in front of the service what it may keep; `nil` where there is none.
    var edge: NoteEdge?

    /// Shows what the caches do, at `/larder/`; `nil` where there are none.
    var dashboard: Dashboard?

    /// What answers requests.
    func build() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.addMiddleware {
            MeasuringMiddleware(monitor: monitor)
            ErrorMiddleware(logger: logger)
        }
        router.get("/") { _, _ in Page.home() }
        router.get("/notes/**") { request, _ in try await page(request) }
        router.get("/api/notes/**") { request, _ in try await note(request) }
        router.put("/api/notes/**") { request, _ in try await save(request) }
        router.delete("/api/notes/**") { request, _ in try await delete(request) }
        router.get("/api/backlinks/**") { request, _ in
            try JSONResponse.ok(await repository.backlinks(of: id(in: request, after: "/api/backlinks/")))
        }
        router.get("/api/views/**") { request, _ in
            try JSONResponse.ok(["views": await views?.views(of: id(in: request, after: "/api/views/")) ?? 0])
        }
        router.get("/api/search") { request, _ in try await search(request) }
        router.get("/api/popular") { _, _ in try JSONResponse.ok(await repository.popular()) }
        router.get("/api/stats") { _, _ in try JSONResponse.ok(monitor.report()) }
        if let dashboard { router.addDashboard(dashboard) }
        return router
    }

    private func page(_ request: Request) async throws -> Response {
        let id = try id(in: request, after: "/notes/")
        guard let view = try await repository.view(of: id) else { return Page.missing(id) }
        do {
            try await views?.count(id)
        } catch {
            logger.warning("A view was not counted", metadata: ["note": "\(id)", "reason": "\(error)"])
        }
        var response = Page.note(view)
        try edge?.keep(&response, pageOf: id)
        return response
    }

    private func note(_ request: Request) async throws -> Response {
        let id = try id(in: request, after: "/api/notes/")
        guard let note = try await repository.note(id) else { throw Self.missing(id) }
        var response = try JSONResponse.ok(note)
        try edge?.keep(&response, note: id)
        return response
    }

    private func save(_ request: Request) async throws -> Response {
        let id = try id(in: request, after: "/api/notes/")
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: VaultFolder.maximumNoteSize)
        } catch is NIOTooManyBytesError {
            throw HTTPError(
                .contentTooLarge,
                message: "The note is over the limit of \(VaultFolder.maximumNoteSize) bytes. Split it."
            )
        }
        guard let source = String(validating: body.readableBytesView, as: UTF8.self) else {
            throw VaultError(.invalidNote, "The note is not UTF-8 text. Send Markdown encoded as UTF-8.")
        }
        let isNew = try await repository.save(source, as: id)
        guard let note = try await repository.note(id) else { throw Self.missing(id) }
        var response = try JSONResponse.make(note, status: isNew ? .created : .ok)
        response.headers[.location] = NoteView.path(of: id)
        return response
    }

    private func delete(_ request: Request) async throws -> Response {
        let id = try id(in: request, after: "/api/notes/")
        guard try await repository.delete(id) else { throw Self.missing(id) }
        return Response(status: .noContent)
    }

    private func search(_ request: Request) async throws -> Response {
        let parameters = request.uri.queryParameters
        guard let query = parameters["q"] else {
            throw VaultError(.invalidQuery, "The search says nothing to look for. Ask for /api/search?q=words.")
        }
        var limit = Self.defaultLimit
        if let text = parameters["limit"] {
            guard let number = Int(text), (1...VaultIndex.maximumHits).contains(number) else {
                throw VaultError(.invalidQuery, "The limit is not a number from 1 to \(VaultIndex.maximumHits).")
            }
            limit = number
        }
        // A form sends spaces as plus signs; a plus sign itself is no part of a word.
        let text = String(query).replacing("+", with: " ")
        return try JSONResponse.ok(await repository.search(text, limit: limit))
    }

    private func id(in request: Request, after prefix: String) throws -> NoteID {
        let path = request.uri.path.dropFirst(prefix.count)
        guard let text = PercentCode.decode(path) else {
            throw VaultError(.invalidID, "The path has percent codes that are no UTF-8. Encode the note id as UTF-8.")
        }
        return try NoteID(validating: text)
    }

    private static func missing(_ id: NoteID) -> HTTPError {
        let name = HTML.quoted(id.rawValue, limit: 80)
        return HTTPError(.notFound, message: "There is no note \(name). Find notes at /api/search?q=, or PUT one here.")
    }
}
