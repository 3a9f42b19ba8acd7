import HTTPTypes

/// The one range that a request asks for, RFC 9110, section 14.1.
enum ByteRange: Hashable {
    /// From a first byte to a last one, or to the end.
    case from(Int, last: Int?)
    /// The last bytes.
    case suffix(Int)

    /// Reads `Range`; `nil` if it is absent, asks for several ranges or for another unit, or cannot be read, all of which
    /// are answered with the whole.
    init?(_ fields: HTTPFields) {
        let lines = fields[values: .range]
        guard lines.count == 1, lines[0].lowercased().hasPrefix("bytes=") else { return nil }
        let parts = lines[0].dropFirst(6).split(separator: "-", omittingEmptySubsequences: false).map(\.trimmed)
        guard parts.count == 2 else { return nil }
        let numbers = parts.map { $0.utf8.allSatisfy(\.isDigit) ? Int($0) : nil }
        switch (parts[0].isEmpty, parts[1].isEmpty) {
        case (true, false):
            guard let count = numbers[1] else { return nil }
            self = .suffix(count)
        case (false, true):
            guard let first = numbers[0] else { return nil }
            self = .from(first, last: nil)
        case (false, false):
            guard let first = numbers[0], let last = numbers[1], first <= last else { return nil }
            self = .from(first, last: last)
        case (true, true): return nil
        }
    }

    /// The bytes that there are of it; `nil` if there are none.
    func bytes(of length: Int) -> Range<Int>? {
        switch self {
        case .from(let first, let last):
            guard first < length else { return nil }
            return first..<min(length, last.map { $0 == .max ? $0 : $0 + 1 } ?? length)
        case .suffix(let count):
            guard count > 0, length > 0 else { return nil }
            return max(0, length - count)..<length
        }
    }
}
