import Foundation

/// A compression that is undone by a command of the system.
enum Compression: String {
    case gzip
    case zstd

    /// The compression that the first bytes of a file tell, or nil.
    init?(magicOf data: Data) {
        if data.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if data.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else {
            return nil
        }
    }

    func decompress(_ url: URL) throws -> [UInt8] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [rawValue, "-dcq"]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        do {
            process.standardInput = try FileHandle(forReadingFrom: url)
            try process.run()
            let bytes = [UInt8](try output.fileHandleForReading.readToEnd() ?? Data())
            process.waitUntilExit()
            guard process.terminationStatus == 0 else { throw failure(url, status: process.terminationStatus) }
            return bytes
        } catch let error as SimulationError {
            throw error
        } catch {
            throw SimulationError(
                .decompressionFailed,
                "The file '\(url.path)' cannot be decompressed.",
                underlyingError: error
            )
        }
    }

    private func failure(_ url: URL, status: Int32) -> SimulationError {
        let commandNotFound: Int32 = 127
        return SimulationError(
            .decompressionFailed,
            status == commandNotFound
                ? "The file '\(url.path)' is compressed, and the command '\(rawValue)' is not installed. Install it."
                : "The file '\(url.path)' is damaged: '\(rawValue)' cannot decompress it."
        )
    }
}
