/// Writes commands into memory whose size was computed before.
struct RESPWriter {
    private let memory: UnsafeMutableBufferPointer<UInt8>

    /// How many bytes were written.
    private(set) var count = 0

    init(_ memory: UnsafeMutableBufferPointer<UInt8>) {
        self.memory = memory
    }

    @inline(__always)
    mutating func writeHead(argumentCount: Int) {
        write(UInt8(ascii: "*"))
        writeInteger(argumentCount)
        writeLineEnd()
    }

    @inline(__always)
    mutating func writeString(_ bytes: UnsafeBufferPointer<UInt8>) {
        write(UInt8(ascii: "$"))
        writeInteger(bytes.count)
        writeLineEnd()
        precondition(count + bytes.count <= memory.count)
        if let source = bytes.baseAddress, let target = memory.baseAddress {
            (target + count).update(from: source, count: bytes.count)
        }
        count += bytes.count
        writeLineEnd()
    }

    mutating func writeIntegerString(_ integer: Int) {
        write(UInt8(ascii: "$"))
        writeInteger(Self.size(ofInteger: integer))
        writeLineEnd()
        writeInteger(integer)
        writeLineEnd()
    }

    @inline(__always)
    private mutating func writeInteger(_ integer: Int) {
        let size = Self.size(ofInteger: integer)
        var magnitude = integer.magnitude
        var index = count + size - 1
        repeat {
            memory[index] = UInt8(truncatingIfNeeded: 48 + magnitude % 10)
            magnitude /= 10
            index -= 1
        } while magnitude > 0
        if integer < 0 { memory[index] = UInt8(ascii: "-") }
        count += size
    }

    @inline(__always)
    private mutating func writeLineEnd() {
        write(13)
        write(10)
    }

    @inline(__always)
    private mutating func write(_ byte: UInt8) {
        memory[count] = byte
        count += 1
    }
}

// MARK: - Sizes

extension RESPWriter {
    @inline(__always)
    static func size(ofInteger integer: Int) -> Int {
        var magnitude = integer.magnitude
        var size = integer < 0 ? 2 : 1
        while magnitude >= 10 {
            magnitude /= 10
            size += 1
        }
        return size
    }

    /// The bytes that a string of a length takes: its head, itself, and its end.
    @inline(__always)
    static func size(ofString length: Int) -> Int { 1 + size(ofInteger: length) + 2 + length + 2 }

    /// The bytes that the head of a command takes.
    @inline(__always)
    static func size(ofHeadWith argumentCount: Int) -> Int { 1 + size(ofInteger: argumentCount) + 2 }
}
