import HTTPCaching
import HTTPStoring
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1

/// What all connections of a proxy share.
final class ProxyShared: Sendable {
    let configuration: EdgeProxyConfiguration
    let rules: SharedCache
    let store: ResponseStore
    let flights = FlightBoard()
    let clock: ProxyClock
    let logger: Logger

    init(_ configuration: EdgeProxyConfiguration, clock: ProxyClock, logger: Logger) throws {
        self.configuration = configuration
        rules = SharedCache(configuration.rules)
        store = try ResponseStore(capacity: configuration.capacity, grace: configuration.validatorGrace)
        self.clock = clock
        self.logger = logger
    }

    /// The request for the origin: with `Via` and `Forwarded`, and framed anew.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - hasBody: Whether a body follows.
    ///   - client: The address of who asks; `nil` if nobody waits for the answer.
    /// - Returns: The head.
    func requestHead(_ request: HTTPRequest, hasBody: Bool, client: String?) -> HTTPRequestHead {
        var request = request
        if !configuration.trustsForwarded { ForwardedField.remove(from: &request.headerFields) }
        var head = Messages.requestHead(request)
        let member = ForwardedField.member(
            client: client,
            host: request.authority ?? "",
            scheme: request.scheme ?? "http"
        )
        head.headers.add(name: "Forwarded", value: member)
        head.headers.add(name: "Via", value: "1.1 \(configuration.name)")
        if hasBody {
            if !head.headers.contains(name: "Content-Length") {
                head.headers.add(name: "Transfer-Encoding", value: "chunked")
            }
        } else {
            head.headers.remove(name: "Content-Length")
        }
        // Clients that wait for 100 were told to go on already.
        head.headers.remove(name: "Expect")
        return head
    }
}
