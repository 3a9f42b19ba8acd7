extension TraceParser {
    func csv(_ bytes: [UInt8]) throws -> Trace {
        var trace = Trace(keys: [])
        var indices: TraceColumns.Indices?
        try Self.forEachLine(of: bytes) { line, number in
            if line.isEmpty { return }
            let fields = Self.fields(of: line)
            guard let indices else {
                indices = try columns.indices(in: fields.map { String(decoding: $0, as: UTF8.self) })
                return
            }
            func value(_ index: Int) throws -> [UInt8] {
                guard index < fields.count else { throw Self.invalid(line, number, "\(index + 1) columns or more") }
                return fields[index]
            }
            func amount(_ index: Int) throws -> Int {
                let whole = try value(index).prefix { $0 != UInt8(ascii: ".") }
                guard let parsed = Self.number(whole).flatMap({ Int(exactly: $0) }) else {
                    throw Self.invalid(line, number, "a number of 0 or more in column \(index + 1)")
                }
                return parsed
            }
            trace.keys.append(Self.key(try value(indices.key)))
            if let index = indices.weight { trace.weights.append(try amount(index)) }
            if let time = indices.time {
                trace.times.append(try amount(time))
                if let timeToLive = indices.timeToLive { trace.timesToLive.append(try amount(timeToLive)) }
            }
        }
        return trace
    }

    /// The fields of a line, without the quotes around them.
    private static func fields(of line: ArraySlice<UInt8>) -> [[UInt8]] {
        let quote = UInt8(ascii: "\"")
        var fields: [[UInt8]] = [[]]
        var isQuoted = false
        var previous: UInt8?
        for byte in line {
            if byte == quote {
                // A quote that follows the end of a quoted part means a quote of the text.
                if !isQuoted, previous == quote { fields[fields.count - 1].append(quote) }
                isQuoted.toggle()
            } else if byte == UInt8(ascii: ","), !isQuoted {
                fields.append([])
            } else {
                fields[fields.count - 1].append(byte)
            }
            previous = byte
        }
        return fields
    }
}
