/// What a line of the protocol begins.
enum ReplyHead {
    case value(RESPValue)
    case string(length: Int, kind: OpenString.Kind)
    case list(count: Int, kind: OpenList.Kind)

    /// Reads a line with its end.
    init(line: UnsafeRawBufferPointer) throws(RESPError) {
        guard line.count >= 3, line[line.count - 2] == 13 else { throw .violation("a line does not end as it should") }
        let text = UnsafeRawBufferPointer(rebasing: line[1..<line.count - 2])
        switch line[0] {
        case UInt8(ascii: "$"):
            let length = try Self.integer(text)
            self = length < 0 ? try Self.null(length) : .string(length: length, kind: .bulk)
        case UInt8(ascii: "*"):
            let count = try Self.integer(text)
            self = count < 0 ? try Self.null(count) : .list(count: count, kind: .array)
        case UInt8(ascii: ":"):
            self = .value(.integer(try Self.integer(text)))
        case UInt8(ascii: "+"):
            self = .value(.text(Self.string(text)))
        case UInt8(ascii: "-"):
            self = .value(.error(RESPServerError(message: Self.string(text))))
        case UInt8(ascii: "_"):
            guard text.isEmpty else { throw .violation("a null with bytes in it") }
            self = .value(.null)
        case UInt8(ascii: "#"):
            self = .value(.boolean(try Self.boolean(text)))
        case UInt8(ascii: ","):
            self = .value(.double(try Self.double(text)))
        case UInt8(ascii: "("):
            self = .value(.bigNumber(try Self.bigNumber(text)))
        case UInt8(ascii: "!"):
            self = .string(length: try Self.count(text), kind: .error)
        case UInt8(ascii: "="):
            self = .string(length: try Self.count(text), kind: .verbatim)
        case UInt8(ascii: "~"):
            self = .list(count: try Self.count(text), kind: .set)
        case UInt8(ascii: "%"):
            self = .list(count: try Self.count(text), kind: .map)
        case UInt8(ascii: ">"):
            self = .list(count: try Self.count(text), kind: .push)
        case UInt8(ascii: "|"):
            self = .list(count: try Self.count(text), kind: .attribute)
        default:
            throw .violation("no value begins with the byte \(line[0]); is this a Redis or Valkey server?")
        }
    }

    private static func null(_ length: Int) throws(RESPError) -> ReplyHead {
        guard length == -1 else { throw .violation("a length of \(length)") }
        return .value(.null)
    }

    private static func count(_ text: UnsafeRawBufferPointer) throws(RESPError) -> Int {
        let count = try integer(text)
        guard count >= 0 else { throw .violation("a length of \(count)") }
        return count
    }

    private static func integer(_ text: UnsafeRawBufferPointer) throws(RESPError) -> Int {
        var index = 0
        var isNegative = false
        if let first = text.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            isNegative = first == UInt8(ascii: "-")
            index = 1
        }
        guard index < text.count else { throw .violation("a number without digits") }
        // Negative, because there is one more negative number than there are positive ones.
        var result = 0
        while index < text.count {
            let digit = Int(text[index]) - 48
            guard 0...9 ~= digit else { throw .violation("a number with the byte \(text[index]) in it") }
            let (tens, isTooLong) = result.multipliedReportingOverflow(by: 10)
            let (sum, isTooLarge) = tens.subtractingReportingOverflow(digit)
            guard !isTooLong, !isTooLarge else { throw .violation("a number that needs more than 64 bits") }
            result = sum
            index += 1
        }
        guard isNegative || result != .min else { throw .violation("a number that needs more than 64 bits") }
        return isNegative ? result : -result
    }

    private static func string(_ text: UnsafeRawBufferPointer) -> String {
        // By far the most frequent one, which needs no decoding.
        if text.count == 2, text[0] == UInt8(ascii: "O"), text[1] == UInt8(ascii: "K") { return "OK" }
        return String(decoding: text, as: UTF8.self)
    }

    private static func boolean(_ text: UnsafeRawBufferPointer) throws(RESPError) -> Bool {
        switch (text.count, text.first) {
        case (1, UInt8(ascii: "t")): return true
        case (1, UInt8(ascii: "f")): return false
        default: throw .violation("a truth value that is neither t nor f")
        }
    }

    private static func double(_ text: UnsafeRawBufferPointer) throws(RESPError) -> Double {
        guard text.count <= 64, let double = Double(string(text)) else { throw .violation("a number that is none") }
        return double
    }

    private static func bigNumber(_ text: UnsafeRawBufferPointer) throws(RESPError) -> String {
        let digits = text.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.allSatisfy({ 48...57 ~= $0 }) else { throw .violation("a number that is none") }
        return string(text)
    }
}
