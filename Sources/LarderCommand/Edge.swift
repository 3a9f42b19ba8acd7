import ArgumentParser
import EdgeProxy
import Foundation
import HTTPCaching
import Logging
import ServiceLifecycle
import UnixSignals

struct Edge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves an origin through a caching reverse proxy.",
        discussion: """
            Responses are stored by RFC 9111, and purged by PURGE, for those who know the token in \
            the environment variable LARDER_PURGE_TOKEN.
            """
    )

    @Option(help: "The URL of the origin, such as http://127.0.0.1:8080.")
    var origin: String

    @Option(help: "Where to listen, as HOST:PORT.")
    var listen = "127.0.0.1:8081"

    @Option(help: "How many MiB the stored responses may take.")
    var capacity = 256

    @Option(
        help: "The part of the time since the last change for which a response is fresh that says nothing, from 0 to 1."
    )
    var heuristics = 0.0

    @Option(help: "For how many seconds a stale response stands in for an origin that fails.")
    var staleIfError = 60

    @Option(help: "How many threads serve connections.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "The certificate chain as PEM; clients then speak TLS, with HTTP/2 or HTTP/1.1 within it.")
    var certificate: String?

    @Option(help: "The private key of the certificate as PEM.")
    var privateKey: String?

    @Flag(help: "Print a line for each request.")
    var accessLog = false

    @Flag(help: "Pass on what clients say in Forwarded and X-Forwarded-…: none but another proxy reaches this one.")
    var trustForwarded = false

    @Flag(help: "Store no response with Set-Cookie, whatever it says of its lifetime.")
    var refuseCookies = false

    func validate() throws {
        guard capacity >= 1, capacity <= 1 << 20, threads >= 1, (0...1).contains(heuristics), staleIfError >= 0 else {
            throw ValidationError("Capacity and threads are at least 1, heuristics from 0 to 1, and times not below 0.")
        }
        guard (certificate == nil) == (privateKey == nil) else {
            throw ValidationError("A certificate needs its private key, and a key its certificate.")
        }
    }

    func run() async throws {
        var configuration = try EdgeProxyConfiguration(origin: origin)
        (configuration.host, configuration.port) = try EdgeProxyConfiguration.address(listen, standard: 8_081)
        configuration.capacity = capacity << 20
        configuration.rules.heuristicFraction = heuristics
        configuration.rules.staleIfError = .seconds(staleIfError)
        if refuseCookies { configuration.rules.setCookie = .never }
        configuration.purgeToken = ProcessInfo.processInfo.environment["LARDER_PURGE_TOKEN"]
        configuration.trustsForwarded = trustForwarded
        if let certificate, let privateKey {
            configuration.tls = TLSIdentity(certificateChain: certificate, privateKey: privateKey)
        }
        let log = AccessLogWriter()
        if accessLog { configuration.accessLog = { log.add($0) } }
        async let _ = log.run(to: .standardOutput)
        let host = configuration.host
        let logger = Logger(label: "larder.edge")
        let proxy = try EdgeProxy(configuration, threads: threads, logger: logger) { port in
            logger.info("listening", metadata: ["address": "\(host):\(port)"])
        }
        let group = ServiceGroup(services: [proxy], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await group.run()
    }
}
