import NIOCore
import NIOSSL

/// How a connection is encrypted.
public struct RESPTransportSecurity: Hashable, Sendable {
    /// A file of certificates in PEM to trust instead of the system's.
    public var trustedCertificatesFile: String?

    /// A file with the client's own chain of certificates in PEM; needs a ``privateKeyFile``.
    public var certificateChainFile: String?

    /// A file with the key of the client's own certificate in PEM.
    public var privateKeyFile: String?

    /// The name that the server's certificate has to bear; `nil` is the host of the endpoint.
    public var serverName: String?

    /// Whether the certificate of the server is checked; `false` is for tests.
    public var verifiesServer = true

    /// Makes settings that trust the authorities of the system.
    public init() {}
}

extension RESPTransportSecurity {
    /// Reads the files; they are read for each connection, so that certificates may be renewed.
    func makeHandler(for endpoint: RESPEndpoint) throws -> NIOSSLClientHandler {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let trustedCertificatesFile { configuration.trustRoots = .file(trustedCertificatesFile) }
        if let certificateChainFile {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificateChainFile)
                .map { .certificate($0) }
        }
        if let privateKeyFile {
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: privateKeyFile, format: .pem))
        }
        if !verifiesServer { configuration.certificateVerification = .none }
        var name = serverName
        if name == nil, case .tcp(let host, _) = endpoint { name = host }
        // An address is no name that can be asked for; NIOSSL checks it against the certificate by itself.
        if let address = name, (try? SocketAddress(ipAddress: address, port: 0)) != nil { name = nil }
        return try NIOSSLClientHandler(context: NIOSSLContext(configuration: configuration), serverHostname: name)
    }
}
