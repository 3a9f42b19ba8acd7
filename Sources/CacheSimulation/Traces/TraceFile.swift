public import Foundation

/// A file that holds a trace, plain or compressed with gzip or zstd.
public struct TraceFile: Sendable {
    private let url: URL
    private let format: TraceFormat
    private let columns: TraceColumns

    /// Names a file.
    ///
    /// - Parameters:
    ///   - url: Where the file is.
    ///   - format: How the trace is written; if nil, what the name of the file tells.
    ///   - columns: The columns of a CSV file.
    /// - Throws: ``SimulationError`` with the code `unknownFormat`, if the name of the file does not tell the format.
    public init(_ url: URL, format: TraceFormat? = nil, columns: TraceColumns = TraceColumns()) throws {
        guard let format = format ?? TraceFormat(fileName: url.lastPathComponent) else {
            let names = TraceFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw SimulationError(
                .unknownFormat,
                "The name '\(url.lastPathComponent)' does not tell the format of the trace. Give one of: \(names)."
            )
        }
        self.url = url
        self.format = format
        self.columns = columns
    }

    /// Reads the whole trace into memory.
    ///
    /// - Returns: The trace, with one request at least.
    /// - Throws: ``SimulationError``.
    public func read() throws -> Trace {
        let data: Data
        do {
            data = try Data(contentsOf: url, options: .mappedIfSafe)
        } catch {
            throw SimulationError(
                .unreadableFile,
                "The file '\(url.path)' cannot be read. Check its name and its permissions.",
                underlyingError: error
            )
        }
        let bytes: [UInt8]
        if let compression = Compression(magicOf: data) {
            bytes = try compression.decompress(url)
        } else {
            bytes = [UInt8](data)
        }
        let trace = try TraceParser(columns: columns).trace(from: bytes, format: format)
        guard !trace.keys.isEmpty else {
            throw SimulationError(
                .emptyTrace,
                "The file '\(url.path)' has no requests in the format \(format.rawValue)."
            )
        }
        return trace
    }
}
