import NIOHTTP2
import NIOSSL

/// What a proxy proves its name with.
public struct TLSIdentity: Hashable, Sendable {
    /// The path of the certificate chain as PEM, the proxy's own first.
    public var certificateChain: String
    /// The path of the private key as PEM.
    public var privateKey: String

    /// Makes an identity.
    ///
    /// - Parameters:
    ///   - certificateChain: The path of the certificate chain as PEM, the proxy's own first.
    ///   - privateKey: The path of the private key as PEM.
    public init(certificateChain: String, privateKey: String) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
    }

    func context() throws(EdgeProxyError) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificateChain)
            let key = try NIOSSLPrivateKey(file: privateKey, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(key)
            )
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = NIOHTTP2SupportedALPNProtocols
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw EdgeProxyError(
                .invalidConfiguration,
                "The certificate chain \(certificateChain) or the key \(privateKey) cannot be used. Give PEM files.",
                underlyingError: error
            )
        }
    }
}
