/// How a trace is written in a file.
public enum TraceFormat: String, CaseIterable, Sendable {
    /// A key in each line: a number from 0 to 2^64 - 1, or any text.
    case text
    /// Lines of columns whose names stand in the first line.
    case csv
    /// Keys as unsigned 64-bit numbers, little-endian, and nothing else.
    case u64
    /// The traces of the authors of LIRS: a block number in each line, and lines of `*` between parts.
    case lirs
    /// The traces of the authors of ARC: in each line the first block, the number of blocks, and two columns more.
    case arc
    /// The format of libCacheSim: records of 24 bytes with the time, the key, the size, and the next request.
    case oracleGeneral = "oraclegeneral"

    /// The format that the name of a file tells, or nil.
    ///
    /// - Parameter name: The name of a file; the endings of compressed files are passed over.
    public init?(fileName name: String) {
        var parts = name.lowercased().split(separator: "/").last.map { $0.split(separator: ".") } ?? []
        if let last = parts.last, ["gz", "gzip", "zst", "zstd"].contains(last) { parts.removeLast() }
        guard parts.count > 1, let last = parts.last else { return nil }
        switch last {
        case "txt", "text", "keys": self = .text
        case "csv": self = .csv
        case "u64": self = .u64
        case "trace", "trc": self = .lirs
        case "lis": self = .arc
        case "oraclegeneral": self = .oracleGeneral
        case "bin" where parts.contains("oraclegeneral"): self = .oracleGeneral
        default: return nil
        }
    }
}
