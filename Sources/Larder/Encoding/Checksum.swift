/// CRC-32C, the checksum of iSCSI (RFC 3720, appendix B.4), eight bytes at a time.
package struct Checksum: Sendable {
    private var state: UInt32 = .max

    package init() {}

    /// The checksum of all bytes so far.
    package var value: UInt32 { ~state }

    /// Adds bytes.
    package mutating func update(_ bytes: RawSpan) {
        var crc = state
        Self.tables.withUnsafeBufferPointer { tables in
            var offset = 0
            while offset &+ 8 <= bytes.byteCount {
                let word = UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
                let mixed = word ^ UInt64(crc)
                crc = 0
                for lane in 0..<8 {
                    let byte = Int(truncatingIfNeeded: mixed &>> UInt64(lane &* 8)) & 0xFF
                    crc ^= tables[(7 &- lane) &* 256 &+ byte]
                }
                offset &+= 8
            }
            while offset < bytes.byteCount {
                let byte = bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                crc = tables[Int((crc ^ UInt32(byte)) & 0xFF)] ^ (crc >> 8)
                offset &+= 1
            }
        }
        state = crc
    }

    /// Table `n` advances a byte by `n` further zero bytes.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0x82F6_3B78 : 0) }
            tables[byte] = crc
        }
        for byte in 256..<tables.count {
            let before = tables[byte - 256]
            tables[byte] = tables[Int(before & 0xFF)] ^ (before >> 8)
        }
        return tables
    }()
}
