/// Which of the 16,384 slots of a cluster a key belongs to.
///
/// The remainder of CRC-16/XMODEM (polynomial 0x1021, no reflection, initial value 0), over what stands between the
/// first `{` and the next `}` if there is anything, else over the whole key. Source: the Redis cluster specification.
enum KeySlot {
    static let count = 16_384

    private static let table: [UInt16] = (0..<256)
        .map { index in
            (0..<8).reduce(UInt16(index) << 8) { rest, _ in rest & 0x8000 == 0 ? rest << 1 : rest << 1 ^ 0x1021 }
        }

    static func slot(of key: some Collection<UInt8>) -> Int {
        table.withUnsafeBufferPointer { table in
            var rest: UInt16 = 0
            for byte in tag(of: key) { rest = rest << 8 ^ table[Int(UInt8(truncatingIfNeeded: rest >> 8) ^ byte)] }
            return Int(rest) % count
        }
    }

    private static func tag<Key: Collection<UInt8>>(of key: Key) -> Key.SubSequence {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")) else { return key[...] }
        let rest = key[key.index(after: open)...]
        guard let close = rest.firstIndex(of: UInt8(ascii: "}")), close != rest.startIndex else { return key[...] }
        return rest[..<close]
    }
}

extension RESPCommand {
    /// The slot of the command's key; `nil` if it has none.
    var slot: Int? {
        guard let keyPosition, let key = argument(at: keyPosition) else { return nil }
        return KeySlot.slot(of: bytes[key])
    }

    /// Where an argument stands among the bytes of the command.
    private func argument(at position: Int) -> Range<Int>? {
        var index = 1
        guard let count = number(at: &index), position + 1 < count else { return nil }
        // The name of the command is the first of the strings.
        for string in 0...position + 1 {
            index += 1
            guard let length = number(at: &index), length <= bytes.count - index else { return nil }
            if string == position + 1 { return index..<index + length }
            index += length + 2
        }
        return nil
    }

    /// Reads a number up to the end of its line.
    private func number(at index: inout Int) -> Int? {
        var number = 0
        while index < bytes.count, bytes[index] != UInt8(ascii: "\r") {
            number = number * 10 + Int(bytes[index] - UInt8(ascii: "0"))
            index += 1
        }
        index += 2
        return index <= bytes.count ? number : nil
    }
}
