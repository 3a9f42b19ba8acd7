import RESP

/// Parses bytes that arrive in pieces of given lengths; what is left over arrives at the end.
func parse(_ bytes: [UInt8], cutAt cuts: [Int] = [], limits: ParserLimits = ParserLimits()) throws -> [RESPValue] {
    var parser = RESPParser(limits: limits)
    var values: [RESPValue] = []
    let bounds = [0] + cuts.sorted() + [bytes.count]
    for (start, end) in zip(bounds, bounds.dropFirst()) {
        try Array(bytes[start..<end])
            .withUnsafeBytes { piece in
                var position = 0
                while let value = try parser.next(in: piece, at: &position) { values.append(value) }
            }
    }
    return values
}

func parse(_ text: String, limits: ParserLimits = ParserLimits()) throws -> [RESPValue] {
    try parse(Array(text.utf8), limits: limits)
}

/// The bytes of a value, in version 3 of the protocol.
func wireBytes(of value: RESPValue) -> [UInt8] {
    func list(_ type: String, _ count: Int, _ elements: [RESPValue]) -> [UInt8] {
        Array("\(type)\(count)\r\n".utf8) + elements.flatMap(wireBytes)
    }
    return switch value {
    case .null: Array("_\r\n".utf8)
    case .bytes(let bytes): Array("$\(bytes.count)\r\n".utf8) + bytes + [13, 10]
    case .text(let text): Array("+\(text)\r\n".utf8)
    case .integer(let integer): Array(":\(integer)\r\n".utf8)
    case .double(let double): Array(",\(double)\r\n".utf8)
    case .boolean(let boolean): Array("#\(boolean ? "t" : "f")\r\n".utf8)
    case .bigNumber(let digits): Array("(\(digits)\r\n".utf8)
    case .error(let error): Array("-\(error.message)\r\n".utf8)
    case .array(let elements): list("*", elements.count, elements)
    case .set(let elements): list("~", elements.count, elements)
    case .push(let elements): list(">", elements.count, elements)
    case .map(let pairs): list("%", pairs.count, pairs.flatMap { [$0.key, $0.value] })
    }
}
