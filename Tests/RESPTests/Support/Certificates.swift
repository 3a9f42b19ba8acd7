import Foundation

/// An authority, and certificates of a server and a client that it signed, made by `openssl` in a temporary folder.
final class Certificates: Sendable {
    static let canBeMade = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

    private let folder: String

    var authority: String { folder + "/ca.pem" }
    var server: (certificate: String, key: String) { (folder + "/server.pem", folder + "/server.key") }
    var client: (certificate: String, key: String) { (folder + "/client.pem", folder + "/client.key") }

    private init(folder: String) {
        self.folder = folder
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    static func make() async throws -> Certificates {
        let folder = NSTemporaryDirectory() + "/larder-certificates-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let certificates = Certificates(folder: folder)
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
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, folder]
        process.standardError = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        guard status == 0 else { throw CocoaError(.fileWriteUnknown) }
        return certificates
    }
}
