import Foundation
import LarderTesting
import RESP
import Testing

@Suite("Encrypted connections", .enabled(if: RedisServer.isInstalled && ServerCertificates.canBeMade))
struct TransportSecurityTests {
    @Test("a certificate of the own authority, and one of the client, open the connection")
    func clientCertificates() async throws {
        let certificates = try await ServerCertificates.make()
        let server = try await RedisServer.start(encryptedWith: certificates)
        let connection = try RESPConnection.connect("rediss://localhost:\(server.port)") {
            $0.tls?.trustedCertificatesFile = certificates.authority
            $0.tls?.certificateChainFile = certificates.client.certificate
            $0.tls?.privateKeyFile = certificates.client.key
        }
        let value = [UInt8](repeating: 7, count: 3_000_000)
        #expect(try await connection.execute(RESPCommand("SET", "key", .bytes(value))) == .text("OK"))
        #expect(try await connection.execute(RESPCommand("GET", "key")).stringBytes == value)
        await connection.close()
    }

    @Test("a server of an unknown authority, or of another name, is not spoken to")
    func unknownServers() async throws {
        let certificates = try await ServerCertificates.make()
        let server = try await RedisServer.start(encryptedWith: certificates)
        for change: @Sendable (inout RESPTransportSecurity) -> Void in [
            { _ in },
            {
                $0.trustedCertificatesFile = certificates.authority
                $0.serverName = "example.com"
            },
        ] {
            let events = Events()
            let connection = try RESPConnection.connect("rediss://localhost:\(server.port)", events: events) {
                $0.tls?.certificateChainFile = certificates.client.certificate
                $0.tls?.privateKeyFile = certificates.client.key
                if var tls = $0.tls {
                    change(&tls)
                    $0.tls = tls
                }
            }
            #expect(await events.disconnected()?.code == .connectionFailed)
            await connection.close()
        }
    }
}
