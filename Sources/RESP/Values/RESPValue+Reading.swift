extension RESPValue {
    /// The bytes of a bulk or simple string.
    public var stringBytes: [UInt8]? {
        switch self {
        case .bytes(let bytes): bytes
        case .text(let text): Array(text.utf8)
        default: nil
        }
    }

    /// The text of a bulk or simple string; bytes that are not UTF-8 are replaced.
    public var string: String? {
        switch self {
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .text(let text): text
        default: nil
        }
    }

    /// The integer.
    public var integerValue: Int? {
        if case .integer(let integer) = self { integer } else { nil }
    }

    /// The elements of an array, a set or a push message; of a map, its keys and values in turn.
    public var elements: [RESPValue]? {
        switch self {
        case .array(let elements), .set(let elements), .push(let elements): elements
        case .map(let pairs): pairs.flatMap { [$0.key, $0.value] }
        default: nil
        }
    }

    /// The value of a key of a map; also of a list of keys and values, which a map is in version 2.
    ///
    /// - Parameter key: The key to look for.
    public subscript(key: String) -> RESPValue? {
        switch self {
        case .map(let pairs):
            return pairs.first { $0.key.string == key }?.value
        case .array(let elements):
            let index = stride(from: 0, to: elements.count - 1, by: 2).first { elements[$0].string == key }
            return index.map { elements[$0 + 1] }
        default:
            return nil
        }
    }
}
