import HTTPTypes
import Hummingbird
import Logging

/// Turns errors into answers that say what to do; those that are our own fault are logged, not told.
struct ErrorMiddleware<Context: RequestContext>: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as VaultError {
            return try JSONResponse.error(error.message, status: Self.status(of: error))
        } catch let error as HTTPError {
            let message = error.body ?? "There is nothing at \(HTML.quoted(request.uri.path, limit: 80)). Start at /."
            return try JSONResponse.error(message, status: error.status)
        } catch is CancellationError {
            return try JSONResponse.error("The service is stopping. Try again.", status: .serviceUnavailable)
        } catch {
            logger.error("A request failed", metadata: ["path": "\(request.uri.path)", "reason": "\(error)"])
            return try JSONResponse.error("Something went wrong here; the log says what.", status: .internalServerError)
        }
    }

    private static func status(of error: VaultError) -> HTTPResponse.Status {
        switch error.code {
        case .invalidID, .invalidNote, .invalidQuery: .badRequest
        case .conflict: .conflict
        case .noteTooLarge: .contentTooLarge
        default: .internalServerError
        }
    }
}
