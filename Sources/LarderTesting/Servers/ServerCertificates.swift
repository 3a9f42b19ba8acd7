import Foundation

/// An authority, and certificates of a server and a client that it signed, made by `openssl` in a temporary folder.
///
/// ```swift
/// let certificates = try await ServerCertificates.make()
/// let server = try await RedisServer.start(encryptedWith: certificates)
/// ```
public final class ServerCertificates: Sendable {
    /// Whether there is an `openssl` to make them.
    public static let canBeMade = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

    private let folder: String

    /// The file with the certificate of the authority.
    public var authority: String { folder + "/ca.pem" }

    /// The files with the certificate of the server, which is called `localhost`, and its key.
    public var server: (certificate: String, key: String) { (folder + "/server.pem", folder + "/server.key") }

    /// The files with the certificate of the client and its key.
    public var client: (certificate: String, key: String) { (folder + "/client.pem", folder + "/client.key") }

    private init(folder: String) {
        self.folder = folder
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Makes the authority and the certificates, which are valid for two days.
    ///
    /// - Returns: The certificates, whose files go with the last reference.
    /// - Throws: ``RedisServerError`` if `openssl` fails.
    public static func make() async throws -> ServerCertificates {
        let folder = NSTemporaryDirectory() + "/larder-certificates-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let certificates = ServerCertificates(folder: folder)
        let script = """
            set -e
            cd "$0"
            curve='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
            openssl req -x509 $curve -keyout ca.key -out ca.pem -days 2 -subj /CN=authority
            for name in server client; do
                openssl req $curve -keyout $name.key -out $name.csr -subj /CN=$name
                echo subjectAltName=DNS:localhost >$name.ext
                openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile $name.ext \
                    -out $name.pem
            done
            """
        let status = try await ChildProcess("/bin/sh", ["-c", script, folder]).end()
        guard status == 0 else { throw RedisServerError("openssl makes no certificates") }
        return certificates
    }
}

extension RedisServer {
    /// Starts a server that speaks to nobody in the clear, and only to clients with a certificate of the authority.
    ///
    /// - Parameter certificates: The certificates.
    /// - Returns: The server; its name is `localhost`.
    /// - Throws: ``RedisServerError`` if there is no `redis-server`, or if it does not start.
    public static func start(encryptedWith certificates: ServerCertificates) async throws -> RedisServer {
        try await start(
            options: [
                "--port", "0", "--tls-port", "PORT", "--tls-ca-cert-file", certificates.authority,
                "--tls-cert-file", certificates.server.certificate, "--tls-key-file", certificates.server.key,
                "--tls-auth-clients", "yes",
            ]
        )
    }
}
