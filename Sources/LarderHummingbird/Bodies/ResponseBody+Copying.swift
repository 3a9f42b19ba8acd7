import HTTPTypes
import Hummingbird
import MemoryCache
import NIOCore

extension ResponseBody {
    /// All bytes, or `nil` if they are more than a limit.
    func collected(upTo limit: Int) async throws -> ByteBuffer? {
        let copy = BodyCopy(limit: limit)
        try await write(CopyingWriter(copy: copy, client: nil))
        return copy.bytes
    }

    /// The same body, which is copied while it is sent.
    ///
    /// - Parameters:
    ///   - limit: How many bytes are copied at most.
    ///   - done: Gets the copy once all was sent, or `nil` if there is more than the limit.
    /// - Returns: The body.
    func copied(upTo limit: Int, _ done: @escaping @Sendable (ByteBuffer?) -> Void) -> ResponseBody {
        let body = self
        return ResponseBody(contentLength: contentLength) { writer in
            let copy = BodyCopy(limit: limit)
            try await body.write(CopyingWriter(copy: copy, client: writer))
            done(copy.bytes)
        }
    }
}

/// What a writer has copied.
private final class BodyCopy: Sendable {
    private let limit: Int
    private let buffer = Locked<ByteBuffer?>(ByteBuffer())

    init(limit: Int) {
        self.limit = limit
    }

    var bytes: ByteBuffer? { buffer.withLock { $0 } }

    func add(_ part: ByteBuffer) {
        buffer.withLock { buffer in
            guard let count = buffer?.readableBytes else { return }
            if count + part.readableBytes > limit { buffer = nil } else { buffer?.writeImmutableBuffer(part) }
        }
    }
}

/// Copies what a body writes, and passes it on if there is a client.
private struct CopyingWriter: ResponseBodyWriter {
    let copy: BodyCopy
    var client: (any ResponseBodyWriter)?

    @concurrent
    mutating func write(_ buffer: ByteBuffer) async throws {
        copy.add(buffer)
        try await client?.write(buffer)
    }

    @concurrent
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        try await client?.finish(trailingHeaders)
    }
}
