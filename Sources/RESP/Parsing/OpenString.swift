/// A string whose bytes are still coming; it is filled where it will stay.
struct OpenString {
    enum Kind: Hashable {
        case bulk
        case error
        case verbatim
    }

    private let kind: Kind
    private let length: Int
    private var bytes: [UInt8] = []
    private var endBytes = 0

    init(kind: Kind, length: Int) {
        self.kind = kind
        self.length = length
        // The length is the peer's word: a large string grows as it arrives.
        bytes.reserveCapacity(min(length, 1 << 20))
    }

    var isComplete: Bool { bytes.count == length && endBytes == 2 }

    /// Takes what belongs to the string.
    ///
    /// - Returns: How many bytes that was.
    mutating func append(_ input: UnsafeRawBufferPointer, from start: Int) throws(RESPError) -> Int {
        var position = start
        let count = min(length - bytes.count, input.count - position)
        if count > 0 {
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: input[position..<position + count]))
            position += count
        }
        while bytes.count == length, endBytes < 2, position < input.count {
            guard input[position] == (endBytes == 0 ? 13 : 10) else {
                throw .violation("a string is longer than its length says")
            }
            endBytes += 1
            position += 1
        }
        return position - start
    }

    func value() throws(RESPError) -> RESPValue {
        switch kind {
        case .bulk:
            return .bytes(bytes)
        case .error:
            return .error(RESPServerError(message: String(decoding: bytes, as: UTF8.self)))
        case .verbatim:
            guard bytes.count >= 4, bytes[3] == UInt8(ascii: ":") else { throw .violation("a string has no format") }
            return .bytes(Array(bytes[4...]))
        }
    }
}
