/// Looks through the structure of a binary property list before Foundation reads it.
///
/// The form: `bplist00`, objects, a table with the offset of each object, and a trailer of 32 bytes. An object begins
/// with a byte whose upper half is its kind and whose lower half its length; 0xF says that a number with the length
/// follows. Lists and dictionaries hold the numbers of other objects, so a few bytes can stand for very many objects,
/// or for endless ones.
struct BinaryPropertyList {
    private let bytes: UnsafeRawBufferPointer
    private let offsetSize: Int
    private let referenceSize: Int
    private let objects: Int
    private let top: Int
    private let table: Int

    /// Refuses a list that is not well formed, is nested too deeply, or becomes larger than the limit once all that it
    /// refers to is written out, or more objects than it has bytes.
    ///
    /// - Complexity: O(bytes).
    static func check(_ bytes: RawSpan, limits: DecodingLimits, depth: Int) throws(InvalidBytes) {
        try bytes.withUnsafeBytes { bytes throws(InvalidBytes) in
            try BinaryPropertyList(bytes).walk(budget: limits.maximumBytes, depth: depth)
        }
    }

    private init(_ bytes: UnsafeRawBufferPointer) throws(InvalidBytes) {
        self.bytes = bytes
        let trailer = bytes.count - 32
        guard trailer >= 9, bytes.starts(with: "bplist".utf8) else { throw Self.malformed }
        offsetSize = Int(bytes[trailer + 6])
        referenceSize = Int(bytes[trailer + 7])
        objects = Self.number(bytes[(trailer + 8)..<(trailer + 16)])
        top = Self.number(bytes[(trailer + 16)..<(trailer + 24)])
        table = Self.number(bytes[(trailer + 24)..<(trailer + 32)])
        guard (1...8).contains(offsetSize), (1...8).contains(referenceSize), objects <= bytes.count,
            table <= trailer, objects * offsetSize <= trailer - table
        else { throw Self.malformed }
    }

    /// Writes out in thought what the list refers to.
    ///
    /// Without recursion, which a deep list would turn against the stack.
    private func walk(budget: Int, depth: Int) throws(InvalidBytes) {
        var budget = budget
        var visits = 0
        var path: [Range<Int>] = []
        var next: Int? = top
        while let number = next {
            let object = try object(number)
            budget -= object.size
            visits += 1
            guard budget >= 0, visits <= bytes.count else { throw InvalidBytes("value too large") }
            path.append(object.references)
            guard path.count <= depth || !object.isContainer else { throw InvalidBytes("value nested too deeply") }
            while let references = path.last, references.isEmpty { path.removeLast() }
            guard let references = path.popLast() else { return }
            next = Self.number(bytes[references.lowerBound..<(references.lowerBound + referenceSize)])
            path.append((references.lowerBound + referenceSize)..<references.upperBound)
        }
    }

    private struct Object {
        var size = 0
        var isContainer = false
        var references = 0..<0
    }

    /// How large an object is by itself, and where the numbers of others stand in it.
    private func object(_ number: Int) throws(InvalidBytes) -> Object {
        guard number < objects else { throw Self.malformed }
        let entry = table + number * offsetSize
        var offset = Self.number(bytes[entry..<(entry + offsetSize)])
        guard offset >= 8, offset < table else { throw Self.malformed }
        let marker = bytes[offset]
        offset += 1
        var length = Int(marker & 0xF)
        guard marker >= 0x40 else { return Object(size: 1 << min(length, 4)) }
        if length == 0xF {
            guard offset < table, bytes[offset] & 0xF0 == 0x10, bytes[offset] & 0xF <= 3 else { throw Self.malformed }
            let size = 1 << Int(bytes[offset] & 0xF)
            guard offset + 1 + size <= table else { throw Self.malformed }
            length = Self.number(bytes[(offset + 1)..<(offset + 1 + size)])
            offset += 1 + size
        }
        let unit: Int
        switch marker >> 4 {
        case 0x4, 0x5, 0x8: unit = 1
        case 0x6: unit = 2
        case 0xA, 0xB, 0xC: unit = referenceSize
        case 0xD: unit = 2 * referenceSize
        default: throw Self.malformed
        }
        guard length <= (table - offset) / unit else { throw Self.malformed }
        let end = offset + length * unit
        return marker >= 0xA0 ? Object(isContainer: true, references: offset..<end) : Object(size: end - offset)
    }

    /// A number, the most significant byte first, within the range of the type.
    private static func number(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
        Int(clamping: bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    private static var malformed: InvalidBytes { InvalidBytes("malformed property list") }
}
