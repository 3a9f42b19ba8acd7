/// Reads the characters of UTF-8 bytes one after the other.
///
/// A byte that belongs to no character is answered as a number behind all characters.
struct ScalarReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func next() -> UInt32? {
        guard index < bytes.count else { return nil }
        let byte = bytes[index]
        if byte < 0x80 {
            index += 1
            return UInt32(byte)
        }
        let length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        if let code = character(ofLength: length, leadBits: UInt32(byte) & (0x7F >> UInt32(length))) {
            index += length
            return code
        }
        index += 1
        return 0x11_0000 + UInt32(byte)
    }

    private func character(ofLength length: Int, leadBits: UInt32) -> UInt32? {
        guard (0xC2...0xF4).contains(bytes[index]), index + length <= bytes.count else { return nil }
        var code = leadBits
        for offset in 1..<length {
            let byte = bytes[index + offset]
            guard byte & 0xC0 == 0x80 else { return nil }
            code = code << 6 | UInt32(byte & 0x3F)
        }
        // Longer forms than needed, and halves of pairs, are no characters.
        let smallest: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x1_0000
        return code >= smallest && Unicode.Scalar(code) != nil ? code : nil
    }
}
