import HTTPCaching
import HTTPTypes
import Hummingbird
import LarderEdge
import NIOCore

/// The body of a handler's response, collected if it is short enough to be.
struct CollectedBody: Sendable {
    let body: ResponseBody
    /// All of it, if it was collected.
    let bytes: ByteBuffer?
    /// Whether the client gets it.
    private(set) var isSent = true

    /// Collects the body of a response, and gives that an entity tag.
    init(_ response: inout Response, _ configuration: ResponseCacheConfiguration, _ request: HTTPRequest) async throws {
        body = response.body
        let isWhole = request.method == .get && response.status == .ok
        guard isWhole, let length = body.contentLength, length <= configuration.maximumCollectedBody else {
            bytes = nil
            return
        }
        bytes = try await response.body.collected(upTo: length)
        guard let bytes, configuration.makesEntityTags, !response.headers.contains(.eTag) else { return }
        response.headers[.eTag] = EntityTag(content: bytes.readableBytesView).description
    }

    /// The body without a client who gets it.
    var silenced: CollectedBody {
        var body = self
        body.isSent = false
        return body
    }

    /// Whether it may have no more bytes than that.
    func mayFit(_ limit: Int) -> Bool { (bytes?.readableBytes ?? body.contentLength ?? 0) <= limit }
}
