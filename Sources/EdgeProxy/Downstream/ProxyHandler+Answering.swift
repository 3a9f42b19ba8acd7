import HTTPCaching
import HTTPStoring
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1

extension ProxyHandler {
    /// Sends what is stored.
    func send(_ answer: CachedAnswer, _ entry: Resource.Entry?) {
        guard let entry, let headers = entry.headers, answer.body == .whole else {
            return send(answer, entry?.body ?? ByteBuffer())
        }
        exchange?.status.timeToLive = answer.freshness.components.seconds
        var head = HTTPResponseHead(version: .http1_1, status: Messages.status(answer.unaged.status), headers: headers)
        head.headers.add(name: "Age", value: String(answer.age))
        write(head, cacheStatus: exchange?.status.value())
        write(entry.body)
        writeEnd()
    }

    private func send(_ answer: CachedAnswer, _ stored: ByteBuffer) {
        exchange?.status.timeToLive = answer.freshness.components.seconds
        var body = stored
        switch answer.body {
        case .whole: break
        case .none: body = ByteBuffer()
        case .range(let range):
            body = stored.getSlice(at: stored.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
        }
        let response = answer.response
        let hasBody = Fetch.hasBody(response, exchange?.request.method ?? .get)
        var head = Messages.responseHead(response, room: 4)
        if hasBody {
            head.headers.replaceOrAdd(name: "Content-Length", value: String(body.readableBytes))
        } else if exchange?.request.method == .head, response.status != .notModified,
            !head.headers.contains(name: "Content-Length")
        {
            head.headers.add(name: "Content-Length", value: String(stored.readableBytes))
        }
        write(&head)
        if hasBody { write(body) }
        writeEnd()
    }

    /// Sends an answer of the proxy itself.
    func answer(status: HTTPResponse.Status) {
        var head = HTTPResponseHead(version: .http1_1, status: Messages.status(status))
        head.headers.add(name: "Content-Length", value: "0")
        head.headers.add(name: "Date", value: shared.clock.now().date.description)
        write(&head)
        writeEnd()
    }

    private func write(_ head: inout HTTPResponseHead) {
        let earlier = head.headers["Cache-Status"].joined(separator: ", ")
        head.headers.remove(name: "Cache-Status")
        head.headers.add(name: "Via", value: "1.1 \(shared.configuration.name)")
        write(head, cacheStatus: exchange?.status.value(after: earlier))
    }

    private func write(_ head: HTTPResponseHead, cacheStatus: String?) {
        guard let current = exchange, let cacheStatus else { return }
        var head = head
        exchange?.hasHead = true
        exchange?.sentStatus = Int(head.status.code)
        head.headers.add(name: "Cache-Status", value: cacheStatus)
        if current.isHTTP2 {
            // Connections of HTTP/2 have no such field.
        } else if !current.isKeepAlive {
            head.headers.add(name: "Connection", value: "close")
        } else if !current.isHTTP11 {
            head.headers.add(name: "Connection", value: "keep-alive")
        }
        context?.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    private func write(_ body: ByteBuffer) {
        guard body.readableBytes > 0 else { return }
        exchange?.sentBytes = body.readableBytes
        context?.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }

    private func writeEnd() {
        guard let context, let current = exchange else { return }
        exchange?.hasEnded = true
        exchange?.fetch = nil
        note()
        // The next request may arrive within the write, so this one has to be over before.
        if current.isKeepAlive { finishIfDone() }
        let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        guard !current.isKeepAlive else { return }
        let box = NIOLoopBound(context, eventLoop: context.eventLoop)
        written.whenComplete { _ in box.value.close(promise: nil) }
    }
}

extension ProxyHandler: FetchConsumer {
    var canTakeMore: Bool { context?.channel.isWritable ?? true }

    func fetch(interim head: HTTPResponseHead) {
        guard let current = exchange, current.isHTTP11, head.status != .continue else { return }
        let interim = HTTPResponseHead(version: .http1_1, status: head.status, headers: head.headers)
        context?.writeAndFlush(wrapOutboundOut(.head(interim)), promise: nil)
    }

    func fetch(head response: HTTPResponse, hasBody: Bool) {
        let report = exchange?.fetch?.report
        exchange?.status.forwardStatus = report?.status
        exchange?.status.isStored = report?.isStored ?? false
        exchange?.hasBody = hasBody
        var head = Messages.responseHead(response, room: 4)
        if hasBody, !head.headers.contains(name: "Content-Length") {
            if exchange?.isHTTP2 == true {
                // Its frames tell where a body ends.
            } else if exchange?.isHTTP11 == true {
                head.headers.add(name: "Transfer-Encoding", value: "chunked")
            } else {
                exchange?.isKeepAlive = false
            }
        } else if response.status == .notModified || response.status == .noContent {
            head.headers.remove(name: "Content-Length")
        }
        write(&head)
    }

    func fetch(body: ByteBuffer) {
        guard exchange?.hasBody == true else { return }
        exchange?.sentBytes += body.readableBytes
        context?.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }

    func fetchEnded() { writeEnd() }

    func fetch(answer: CachedAnswer, from body: ByteBuffer, forwarded: FetchReport) {
        exchange?.status.forwardStatus = forwarded.status
        exchange?.status.isStored = forwarded.isStored
        send(answer, body)
    }

    /// Before the head the client gets an error; behind it nothing can be said any more but by closing.
    func fetchFailed(_ error: any Error) {
        guard let current = exchange else { return }
        shared.logger.warning(
            "the origin failed",
            metadata: ["url": "\(current.key)", "error": "\(error)"]
        )
        exchange?.fetch = nil
        if current.hasHead {
            context?.close(promise: nil)
        } else {
            answer(status: (error as? EdgeProxyError)?.code == .originTimedOut ? .gatewayTimeout : .badGateway)
        }
    }
}
