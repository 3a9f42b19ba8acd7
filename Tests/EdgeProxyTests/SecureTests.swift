import AsyncHTTPClient
import MemoryCache
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Testing

@testable import EdgeProxy

@Suite("TLS and HTTP/2", .timeLimit(.minutes(10)), .enabled(if: TestCertificate.canBeMade))
struct SecureTests {
    /// Runs a proxy that speaks TLS, and a client that trusts anybody.
    private func run(
        version: HTTPClient.Configuration.HTTPVersion,
        _ script: @escaping ScriptedOrigin.Script,
        _ body: @Sendable (HTTPClient, String, ProxyHarness) async throws -> Void
    ) async throws {
        let certificate = try await TestCertificate.make()
        defer { certificate.remove() }
        try await ProxyHarness.run(script) { configuration in
            configuration.tls = TLSIdentity(certificateChain: certificate.chain, privateKey: certificate.key)
        } _: { proxy in
            var configuration = HTTPClient.Configuration()
            configuration.tlsConfiguration = .makeClientConfiguration()
            configuration.tlsConfiguration?.certificateVerification = .none
            configuration.httpVersion = version
            let client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
            do {
                try await body(client, "https://127.0.0.1:\(proxy.port)", proxy)
            } catch {
                try? await client.shutdown()
                throw error
            }
            try await client.shutdown()
        }
    }

    @Test("clients speak HTTP/2 or HTTP/1.1 within TLS, and get the same", arguments: [2, 1])
    func versions(_ major: Int) async throws {
        let large = String(repeating: "0123456789", count: 100_000)
        try await run(version: major == 2 ? .automatic : .http1Only) { received in
            .init(
                fields: [("Cache-Control", "max-age=60"), ("Keep-Alive", "timeout=5")],
                body: received.head.uri == "/large" ? large : received.body
            )
        } _: { client, base, proxy in
            for isHit in [false, true] {
                let reply = try await client.execute(HTTPClientRequest(url: base + "/large"), timeout: .seconds(30))
                #expect(reply.version.major == major && reply.status == .ok)
                #expect(reply.headers.first(name: "Cache-Status")?.contains("hit") == isHit)
                #expect(!reply.headers.contains(name: "Keep-Alive") && !reply.headers.contains(name: "Connection"))
                #expect(try await String(buffer: reply.body.collect(upTo: 2 << 20)) == large)
            }
            var request = HTTPClientRequest(url: base + "/a")
            request.method = .POST
            request.body = .bytes(ByteBuffer(string: large))
            let posted = try await client.execute(request, timeout: .seconds(30))
            #expect(try await String(buffer: posted.body.collect(upTo: 2 << 20)) == large)
            let forwarded = proxy.origin.received[0].head.headers.first(name: "Forwarded")
            #expect(forwarded == "for=127.0.0.1;host=\"127.0.0.1:\(proxy.port)\";proto=https")
        }
    }

    @Test("many requests share a connection of HTTP/2, and the same ones are one to the origin")
    func streams() async throws {
        try await run(version: .automatic) { received in
            .init(
                fields: [("Cache-Control", received.head.uri == "/a" ? "max-age=60" : "no-store")],
                body: "x",
                delay: .milliseconds(100)
            )
        } _: { client, base, proxy in
            try await withThrowingTaskGroup { group in
                for number in 0..<60 {
                    group.addTask {
                        let request = HTTPClientRequest(url: base + (number < 50 ? "/a" : "/\(number)"))
                        let reply = try await client.execute(request, timeout: .seconds(60))
                        return try await String(buffer: reply.body.collect(upTo: 100))
                    }
                }
                for try await body in group { #expect(body == "x") }
            }
            #expect(proxy.origin.received.count { $0.head.uri == "/a" } == 1)
            #expect(proxy.origin.received.count == 11)
        }
    }

    @Test("a client that does not finish its handshake is not waited for")
    func slowHandshake() async throws {
        let certificate = try await TestCertificate.make()
        defer { certificate.remove() }
        try await ProxyHarness.run { _ in
            .init()
        } configure: { configuration in
            configuration.tls = TLSIdentity(certificateChain: certificate.chain, privateKey: certificate.key)
            configuration.clientTimeout = .milliseconds(200)
        } _: { proxy in
            let answer = try await proxy.exchange("")
            #expect(answer.isEmpty)
        }
    }

    @Test("a certificate that cannot be read is refused before anybody connects")
    func refused() throws {
        var configuration = EdgeProxyConfiguration(originHost: "127.0.0.1", originPort: 1)
        configuration.tls = TLSIdentity(certificateChain: "/nowhere.pem", privateKey: "/nowhere.key")
        #expect(throws: EdgeProxyError.self) { try EdgeProxy(configuration, threads: 1) }
    }
}
