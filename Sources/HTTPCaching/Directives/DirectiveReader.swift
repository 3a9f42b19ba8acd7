/// Reads the directives of `Cache-Control`, RFC 9111, section 5.2: names with or without a value, which is a token or
/// stands in quotes.
struct DirectiveReader {
    struct Directive {
        /// In lower case.
        var name: String
        /// `nil` without a `=`.
        var value: String?
    }

    /// Reads the lines of a field; what is no directive is left out.
    static func directives(in lines: some Sequence<String>) -> [Directive] {
        FieldList.members(of: lines).compactMap { directive(Array($0.utf8)) }
    }

    private static func directive(_ bytes: [UInt8]) -> Directive? {
        let name = bytes.prefix(while: \.isTokenCharacter)
        guard !name.isEmpty else { return nil }
        let text = String(decoding: name, as: UTF8.self).lowercased()
        let rest = bytes.dropFirst(name.count)
        guard let first = rest.first else { return Directive(name: text, value: nil) }
        // Blanks around the equals sign are not in the grammar; the directive then is none that anybody knows.
        guard first == UInt8(ascii: "="), rest.count > 1 else { return nil }
        return Directive(name: text, value: value(rest.dropFirst()))
    }

    private static func value(_ bytes: ArraySlice<UInt8>) -> String {
        guard bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\""), bytes.count >= 2 else {
            return String(decoding: bytes, as: UTF8.self)
        }
        var unquoted: [UInt8] = []
        var isEscaped = false
        for byte in bytes.dropFirst().dropLast() {
            if byte == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
            } else {
                unquoted.append(byte)
                isEscaped = false
            }
        }
        return String(decoding: unquoted, as: UTF8.self)
    }
}
