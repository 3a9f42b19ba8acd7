import Foundation
import Subprocess

/// A certificate of 127.0.0.1 and its key, made by `openssl` in a temporary folder.
struct TestCertificate: Sendable {
    static let canBeMade = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

    private let folder: URL
    var chain: String { folder.appending(path: "chain.pem").path }
    var key: String { folder.appending(path: "key.pem").path }

    static func make() async throws -> TestCertificate {
        let folder = FileManager.default.temporaryDirectory.appending(path: "larder-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let certificate = TestCertificate(folder: folder)
        _ = try await Subprocess.run(
            .name("openssl"),
            arguments: [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=127.0.0.1", "-keyout", certificate.key, "-out", certificate.chain,
            ],
            output: .discarded,
            error: .discarded
        )
        return certificate
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }
}
