import Hummingbird

/// Counts the requests and how long they take, for the page and the statistics.
struct MeasuringMiddleware<Context: RequestContext>: RouterMiddleware {
    let monitor: ServiceMonitor

    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        // The pages ask for these each second; they would drown what they show.
        if request.uri.path == "/api/stats" || request.uri.path.hasPrefix("/larder") {
            return try await next(request, context)
        }
        let start = ContinuousClock.now
        defer { monitor.recordRequest(ContinuousClock.now - start) }
        return try await next(request, context)
    }
}
