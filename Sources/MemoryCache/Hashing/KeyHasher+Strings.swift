extension KeyHasher {
    /// The hash of a string, the same for all strings that are equal, whatever their normal form.
    @inlinable
    @inline(__always)
    func hash(_ string: String) -> UInt64 {
        let result = string.utf8.withContiguousStorageIfAvailable { bytes in
            // Without a base address there are no bytes to read, and zero of them are read.
            bytes.baseAddress.map { hash(UnsafeRawPointer($0), bytes.count) } ?? (hash: seed, isASCII: true)
        }
        if let result, result.isASCII { return result.hash }
        return hashOfUnicode(string)
    }

    /// The hash of a string that is not plain ASCII, or not stored as UTF-8.
    @usableFromInline
    @inline(never)
    func hashOfUnicode(_ string: String) -> UInt64 {
        // Equal strings have one normal form, and that of an ASCII string is itself. So a string either can be
        // spelled in ASCII and is hashed as that, or no ASCII string is equal to it and the standard hash, which
        // normalises, will do.
        guard var spelling = asciiSpelling(of: string) else { return hashOfOther(string) }
        return spelling.withUTF8 { bytes in
            bytes.baseAddress.map { hash(UnsafeRawPointer($0), bytes.count).hash } ?? seed
        }
    }

    /// The ASCII string that is equal to a string, if there is one.
    private func asciiSpelling(of string: String) -> String? {
        var spelling = String.UnicodeScalarView()
        for scalar in string.unicodeScalars {
            guard let equal = scalar.isASCII ? scalar : Self.asciiEqual(of: scalar) else { return nil }
            spelling.append(equal)
        }
        return String(spelling)
    }

    /// The three characters of Unicode whose canonical form is an ASCII character (a test looks for others).
    private static func asciiEqual(of scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar {
        case "\u{37E}": ";"  // Greek question mark
        case "\u{1FEF}": "`"  // Greek varia
        case "\u{212A}": "K"  // Kelvin sign
        default: nil
        }
    }

    /// The hash of bytes, and whether all of them are below 128.
    ///
    /// Safe as long as `count` bytes can be read at `start`: all loads lie within them, and overlap instead of
    /// reaching past the end.
    @inlinable
    @inline(__always)
    func hash(_ start: UnsafeRawPointer, _ count: Int) -> (hash: UInt64, isASCII: Bool) {
        var state = seed ^ first
        var head: UInt64
        var tail: UInt64
        var seen: UInt64 = 0
        if count >= 8 {
            var offset = 0
            while count &- offset > 16 {
                let one = start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let other = start.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self)
                seen |= one | other
                state = Self.fold(one ^ second, other ^ state)
                offset &+= 16
            }
            let last = count &- 8
            head = start.loadUnaligned(fromByteOffset: count > 16 ? count &- 16 : 0, as: UInt64.self)
            tail = start.loadUnaligned(fromByteOffset: last, as: UInt64.self)
        } else if count >= 4 {
            head = UInt64(start.loadUnaligned(as: UInt32.self))
            tail = UInt64(start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
        } else {
            head = 0
            tail = 0
            for offset in 0..<count {
                head = head &<< 8 | UInt64(start.load(fromByteOffset: offset, as: UInt8.self))
            }
        }
        seen |= head | tail
        let product = (head ^ second).multipliedFullWidth(by: tail ^ state)
        let hash = Self.fold(product.low ^ first ^ UInt64(truncatingIfNeeded: count), product.high ^ second)
        return (hash, seen & 0x8080_8080_8080_8080 == 0)
    }
}
