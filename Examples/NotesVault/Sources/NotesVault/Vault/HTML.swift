/// Text made safe for HTML.
enum HTML {
    /// The text with all characters that mean something to HTML replaced, in quotes or not.
    static func escape(_ text: some StringProtocol) -> String {
        guard text.utf8.contains(where: isSpecial) else { return String(text) }
        var result = ""
        result.reserveCapacity(text.utf8.count + 16)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\0": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"), 0: true
        default: false
        }
    }

    /// The address of a link, escaped, or `nil` if following it could run code or read files.
    ///
    /// Only `http`, `https`, `mailto`, and addresses without a scheme are let through.
    static func safeAddress(_ address: some StringProtocol) -> String? {
        // Browsers skip control characters and white space when they look for the scheme.
        let cleaned = String(
            String.UnicodeScalarView(address.unicodeScalars.filter { $0.value > 0x20 && $0.value != 0x7F })
        )
        guard !cleaned.isEmpty else { return nil }
        if let colon = cleaned.firstIndex(of: ":") {
            let scheme = cleaned[..<colon]
            let isPath = scheme.contains { $0 == "/" || $0 == "?" || $0 == "#" }
            guard isPath || ["http", "https", "mailto"].contains(scheme.lowercased()) else { return nil }
        }
        return escape(cleaned)
    }

    /// A text as a path of a URL: everything but letters, digits, `-._~` and `/` as percent codes.
    static func percentEncodedPath(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                result.append(byte)
            default:
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// A text in quotes for a message: without control characters, and cut at a limit of characters.
    static func quoted(_ text: String, limit: Int) -> String {
        let printable = text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
        let shown = String(String.UnicodeScalarView(printable))
        return "\"\(shown.prefix(limit))\(shown.count > limit ? "…" : "")\""
    }
}
