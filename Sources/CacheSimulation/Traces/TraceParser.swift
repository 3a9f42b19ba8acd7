/// Makes a trace from the bytes of a file.
struct TraceParser {
    var columns = TraceColumns()

    func trace(from bytes: [UInt8], format: TraceFormat) throws -> Trace {
        switch format {
        case .text: text(bytes)
        case .csv: try csv(bytes)
        case .u64: try u64(bytes)
        case .lirs: try lirs(bytes)
        case .arc: try arc(bytes)
        case .oracleGeneral: try oracleGeneral(bytes)
        }
    }

    private func text(_ bytes: [UInt8]) -> Trace {
        var keys: [UInt64] = []
        Self.forEachLine(of: bytes) { line, _ in
            if !line.isEmpty { keys.append(Self.key(line)) }
        }
        return Trace(keys: keys)
    }

    private func lirs(_ bytes: [UInt8]) throws -> Trace {
        var keys: [UInt64] = []
        try Self.forEachLine(of: bytes) { line, number in
            if line.isEmpty || line.first == UInt8(ascii: "*") { return }
            guard let key = Self.number(line) else { throw Self.invalid(line, number, "a block number") }
            keys.append(key)
        }
        return Trace(keys: keys)
    }

    private func arc(_ bytes: [UInt8]) throws -> Trace {
        var keys: [UInt64] = []
        try Self.forEachLine(of: bytes) { line, number in
            if line.isEmpty { return }
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
            guard fields.count >= 2, let first = Self.number(fields[0]), let count = Self.number(fields[1]),
                count <= 1 << 24, first <= UInt64.max - count
            else { throw Self.invalid(line, number, "the first block and the number of blocks") }
            keys.append(contentsOf: first..<(first + count))
        }
        return Trace(keys: keys)
    }

    private func u64(_ bytes: [UInt8]) throws -> Trace {
        try Self.checkSize(bytes, record: 8)
        return bytes.withUnsafeBytes { buffer in
            Trace(
                keys: stride(from: 0, to: buffer.count, by: 8)
                    .map { UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: $0, as: UInt64.self)) }
            )
        }
    }

    private func oracleGeneral(_ bytes: [UInt8]) throws -> Trace {
        try Self.checkSize(bytes, record: 24)
        var trace = Trace(keys: [])
        bytes.withUnsafeBytes { buffer in
            for offset in stride(from: 0, to: buffer.count, by: 24) {
                let key = buffer.loadUnaligned(fromByteOffset: offset + 4, as: UInt64.self)
                let size = buffer.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self)
                trace.keys.append(UInt64(littleEndian: key))
                trace.weights.append(Int(UInt32(littleEndian: size)))
                let time = buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                trace.times.append(Int(UInt32(littleEndian: time)))
            }
        }
        return trace
    }
}

extension TraceParser {
    static func forEachLine(of bytes: [UInt8], _ body: (ArraySlice<UInt8>, _ number: Int) throws -> Void) rethrows {
        var start = 0
        var number = 1
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            let isCarriageReturn = end > start && bytes[end - 1] == UInt8(ascii: "\r")
            try body(bytes[start..<(isCarriageReturn ? end - 1 : end)], number)
            start = end + 1
            number += 1
        }
    }

    /// The number that a text is, and else the 64-bit FNV-1a hash of the text.
    static func key(_ text: some Collection<UInt8>) -> UInt64 {
        number(text) ?? text.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    static func number(_ text: some Collection<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        guard !text.isEmpty else { return nil }
        for byte in text {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            if overflow || carry { return nil }
            number = sum
        }
        return number
    }

    static func invalid(_ line: some Collection<UInt8>, _ number: Int, _ expected: String) -> SimulationError {
        let shown = String(decoding: line.prefix(40), as: UTF8.self)
        return SimulationError(
            .invalidRecord,
            "Line \(number) should hold \(expected), and is '\(shown)'. Check the format of the trace."
        )
    }

    private static func checkSize(_ bytes: [UInt8], record: Int) throws {
        guard bytes.count % record == 0 else {
            throw SimulationError(
                .invalidRecord,
                """
                The trace ends within record \(bytes.count / record + 1): records have \(record) bytes, and the last \
                has \(bytes.count % record). Check the format of the trace, and whether the file is cut off.
                """
            )
        }
    }
}
