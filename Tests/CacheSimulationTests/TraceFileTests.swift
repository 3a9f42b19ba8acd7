import CacheSimulation
import Foundation
import Testing

@Suite struct TraceFileTests {
    private func read(
        _ bytes: [UInt8],
        as name: String,
        format: TraceFormat? = nil,
        columns: TraceColumns = TraceColumns()
    ) throws -> Trace {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = folder.appendingPathComponent(name)
        try Data(bytes).write(to: url)
        return try TraceFile(url, format: format, columns: columns).read()
    }

    private func code(of body: () throws -> Trace) -> SimulationError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? SimulationError)?.code
        }
    }

    @Test("text holds a key in each line, numbers and other texts")
    func text() throws {
        let trace = try read(Array("7\r\nuser:1\n\n7\nuser:1\nuser:2".utf8), as: "a.txt")
        #expect(trace.keys.count == 5)
        #expect(trace.keys[0] == 7)
        #expect(trace.keys[2] == 7)
        #expect(trace.keys[1] == trace.keys[3])
        #expect(trace.distinctKeyCount() == 3)
    }

    @Test("u64 holds numbers in little-endian order")
    func u64() throws {
        let trace = try read([1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x80], as: "a.u64")
        #expect(trace.keys == [1, 0x8000_0000_0000_0100])
    }

    @Test("LIRS traces hold block numbers and lines of asterisks")
    func lirs() throws {
        #expect(try read(Array("3\n*\n5\n3\n".utf8), as: "a.trace").keys == [3, 5, 3])
    }

    @Test("ARC traces hold runs of blocks")
    func arc() throws {
        #expect(try read(Array("10 3 0 0\n5 1 0 1\n".utf8), as: "P1.lis").keys == [10, 11, 12, 5])
    }

    @Test("oracleGeneral records hold keys and sizes")
    func oracleGeneral() throws {
        let record: [UInt8] = [1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0] + Array(repeating: 0xFF, count: 8)
        let trace = try read(record + record, as: "a.oracleGeneral.bin")
        #expect(trace.keys == [0x0100_0000_0000_0009, 0x0100_0000_0000_0009])
        #expect(trace.weights == [512, 512])
    }

    @Test("CSV columns are found by their usual names, or by those that are given")
    func csv() throws {
        let bytes = Array("time,id,size,ttl,other\n1,\"a,\"\"b\",10,60,1\n2.5,b,20,0,7\n".utf8)
        let trace = try read(bytes, as: "a.csv")
        #expect(trace.keys.count == 2)
        #expect(trace.weights == [10, 20])
        #expect(trace.times == [1, 2])
        #expect(trace.timesToLive == [60, 0])
        let columns = TraceColumns(key: "other", weight: "ttl")
        let named = try read(bytes, as: "a.csv", columns: columns)
        #expect(named.keys == [1, 7])
        #expect(named.weights == [60, 0])
        #expect(code { try read(bytes, as: "a.csv", columns: TraceColumns(key: "nope")) } == .missingColumn)
        #expect(code { try read(Array("id,size\n1\n".utf8), as: "a.csv") } == .invalidRecord)
        #expect(code { try read(Array("id,size\n1,big\n".utf8), as: "a.csv") } == .invalidRecord)
    }

    @Test("a quoted CSV field may hold commas and doubled quotes")
    func quotedFields() throws {
        let trace = try read(Array("key\n\"a,\"\"b\"\n\"a,\"\"c\"\n\"a,\"\"b\"\n".utf8), as: "a.csv")
        #expect(trace.keys[0] == trace.keys[2])
        #expect(trace.keys[0] != trace.keys[1])
    }

    @Test("gzip is recognised by its first bytes, and damage is told")
    func gzip() throws {
        let bytes: [UInt8] = [
            0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x33, 0xE4, 0x32, 0xE2, 0x32, 0xE4, 0x02, 0x00,
            0x5A, 0x36, 0x69, 0x45, 0x06, 0x00, 0x00, 0x00,
        ]
        #expect(try read(bytes, as: "a.txt.gz").keys == [1, 2, 1])
        #expect(code { try read(Array(bytes.prefix(14)), as: "a.txt.gz") } == .decompressionFailed)
    }

    @Test("zstd is recognised by its first bytes, and damage is told", .enabled(if: hasZstd))
    func zstd() throws {
        // One raw block, without a checksum.
        let bytes: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x20, 0x06, 0x31, 0x00, 0x00] + Array("1\n2\n1\n".utf8)
        #expect(try read(bytes, as: "a.txt.zst").keys == [1, 2, 1])
        #expect(code { try read(Array(bytes.prefix(11)), as: "a.txt.zst") } == .decompressionFailed)
    }

    @Test("bad files are told apart: missing, unknown, cut off, empty, not of the format")
    func errors() throws {
        let missing = URL(fileURLWithPath: "/nonexistent/a.u64")
        #expect(code { try TraceFile(missing).read() } == .unreadableFile)
        #expect(code { try read([1], as: "a.xyz") } == .unknownFormat)
        #expect(code { try read([1], as: "a") } == .unknownFormat)
        #expect(code { try read([1, 2, 3], as: "a.u64") } == .invalidRecord)
        #expect(code { try read(Array(repeating: 0, count: 25), as: "a.oracleGeneral") } == .invalidRecord)
        #expect(code { try read([], as: "a.u64") } == .emptyTrace)
        #expect(code { try read(Array("x\n".utf8), as: "a.trc") } == .invalidRecord)
        #expect(code { try read(Array("5\n".utf8), as: "a.lis") } == .invalidRecord)
        #expect(code { try read(Array("5 99999999999\n".utf8), as: "a.lis") } == .invalidRecord)
    }

    private static var hasZstd: Bool {
        ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"]
            .contains { FileManager.default.isExecutableFile(atPath: $0 + "/zstd") }
    }
}
