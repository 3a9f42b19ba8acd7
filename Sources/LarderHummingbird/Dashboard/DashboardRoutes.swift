import HTTPTypes
public import Hummingbird
public import LarderMonitoring
import NIOCore
import ServiceLifecycle

extension RouterMethods {
    /// Serves a dashboard.
    ///
    /// It shows keys, settings and figures to whoever may read it: put it behind what tells operators from others, such as
    /// a group with authentication, or let a port listen for it that only they reach.
    ///
    /// ```swift
    /// router.group("admin").add(middleware: OperatorsOnly()).addDashboard(dashboard, at: "caches")
    /// ```
    ///
    /// - Parameters:
    ///   - dashboard: The dashboard.
    ///   - path: Where its page is; what the page needs is below.
    /// - Returns: The router.
    @discardableResult
    public func addDashboard(_ dashboard: Dashboard, at path: String = "larder") -> Self {
        get(RouterPath(path)) { request, _ in
            // What the page asks for is relative to a place that ends in a slash.
            guard request.uri.path.hasSuffix("/") else {
                let place = request.uri.path.split(separator: "/").last.map { $0 + "/" } ?? "/"
                return Response(status: .permanentRedirect, headers: [.location: String(place)])
            }
            return Response(dashboard.answer(to: "/", query: request.uri.query))
        }
        get(RouterPath(path + "/**")) { request, context in
            let place = "/" + context.parameters.getCatchAll().joined(separator: "/")
            return Response(dashboard.answer(to: place, query: request.uri.query))
        }
        return self
    }
}

extension Response {
    fileprivate init(_ answer: DashboardAnswer) {
        var fields = HTTPFields()
        for header in answer.headers {
            if let name = HTTPField.Name(header.name) { fields.append(HTTPField(name: name, value: header.value)) }
        }
        let body: ResponseBody
        switch answer.body {
        case .bytes(let bytes):
            body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        case .events(let events):
            // A server that stops waits for its responses; this one would go on as long as somebody looks.
            body = ResponseBody(asyncSequence: events.map { ByteBuffer(bytes: $0) }.cancelOnGracefulShutdown())
        }
        self.init(status: .init(code: answer.status), headers: fields, body: body)
    }
}
