import Larder

/// Patterns of keys as the rules of a server hold them.
enum RedisGlob {
    /// The pattern that matches one text.
    static func text(_ text: String) throws(CacheError) -> String {
        var glob = ""
        for scalar in text.unicodeScalars { glob += try literal(scalar, text) }
        return glob
    }

    /// The pattern that matches what another one matches.
    static func text(_ pattern: KeyPattern) throws(CacheError) -> String {
        var glob = ""
        for element in pattern.elements {
            switch element {
            case .anyRun: glob += "*"
            case .anyScalar: glob += "?"
            case .scalar(let scalar): glob += try literal(scalar, pattern.text)
            case .set(let ranges, let isNegated):
                glob += isNegated ? "[^" : "["
                for code in ranges.joined() {
                    // One by one, since an end of a range cannot be escaped.
                    guard code < 0x7F, let scalar = Unicode.Scalar(code) else {
                        throw refusal("brackets with a character outside ASCII", pattern.text)
                    }
                    glob += try bracketed(scalar, pattern.text)
                }
                glob += "]"
            }
        }
        return glob
    }

    private static func literal(_ scalar: Unicode.Scalar, _ text: String) throws(CacheError) -> String {
        switch scalar {
        case "(", ")": "[\(scalar)]"  // By itself it would begin or end a selector.
        case "*", "?", "[", "]", "\\", "^", "-": "\\\(scalar)"
        default: try checked(scalar, text)
        }
    }

    private static func bracketed(_ scalar: Unicode.Scalar, _ text: String) throws(CacheError) -> String {
        let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        return (isPlain ? "" : "\\") + (try checked(scalar, text))
    }

    private static func checked(_ scalar: Unicode.Scalar, _ text: String) throws(CacheError) -> String {
        guard scalar.value > 0x20, scalar.value != 0x7F else { throw refusal("a space", text) }
        return String(scalar)
    }

    private static func refusal(_ what: String, _ text: String) -> CacheError {
        CacheError(.invalidRule, "A rule of a server cannot hold \(what), as in \"\(text)\"; choose another pattern.")
    }
}
