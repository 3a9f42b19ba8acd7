import Foundation

/// Bytes of a released format, which have to be readable for ever; in the file they are hexadecimal.
struct GoldenFile {
    let bytes: [UInt8]

    init(_ name: String, folder: String = #filePath) throws {
        let file = URL(filePath: folder).deletingLastPathComponent().appending(path: "Golden/\(name).hex")
        let digits = try String(contentsOf: file, encoding: .utf8).filter { !$0.isWhitespace }
        bytes = stride(from: 0, to: digits.utf8.count, by: 2)
            .compactMap { UInt8(digits.dropFirst($0).prefix(2), radix: 16) }
    }
}
