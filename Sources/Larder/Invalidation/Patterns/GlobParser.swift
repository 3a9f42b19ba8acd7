/// One step of a pattern.
package enum GlobElement: Hashable, Sendable {
    case anyRun
    case anyScalar
    case scalar(Unicode.Scalar)
    case set([ClosedRange<UInt32>], isNegated: Bool)

    var literal: Unicode.Scalar? {
        if case .scalar(let scalar) = self { return scalar }
        return nil
    }

    /// Whether one character, or a byte that is none, is a way through this element.
    func accepts(_ code: UInt32) -> Bool {
        switch self {
        case .anyRun, .anyScalar: true
        case .scalar(let scalar): scalar.value == code
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(code) } != isNegated
        }
    }
}

/// Reads the text of a pattern.
struct GlobParser {
    /// The characters that mean something else than themselves, outside of brackets.
    static let special: Set<Unicode.Scalar> = ["*", "?", "[", "]", "\\"]

    private var rest: Substring.UnicodeScalarView
    private let text: String

    /// The steps of a pattern; runs that follow each other are one.
    static func elements(of text: String) throws(CacheError) -> [GlobElement] {
        var parser = GlobParser(rest: text[...].unicodeScalars, text: text)
        var elements: [GlobElement] = []
        while let element = try parser.next() {
            if element == .anyRun, elements.last == .anyRun { continue }
            elements.append(element)
        }
        return elements
    }

    private mutating func next() throws(CacheError) -> GlobElement? {
        guard let scalar = rest.popFirst() else { return nil }
        switch scalar {
        case "*": return .anyRun
        case "?": return .anyScalar
        case "[": return try set()
        case "\\": return .scalar(try escaped())
        default: return .scalar(scalar)
        }
    }

    private mutating func escaped() throws(CacheError) -> Unicode.Scalar {
        guard let scalar = rest.popFirst() else { throw failure("ends with a backslash; write two for one") }
        return scalar
    }

    private mutating func set() throws(CacheError) -> GlobElement {
        let isNegated = rest.first == "!" || rest.first == "^"
        if isNegated { rest.removeFirst() }
        var ranges: [ClosedRange<UInt32>] = []
        while let scalar = rest.popFirst() {
            if scalar == "]" {
                guard !ranges.isEmpty else { throw failure("has brackets with nothing in them") }
                return .set(ranges, isNegated: isNegated)
            }
            let first = scalar == "\\" ? try escaped() : scalar
            ranges.append(try range(from: first))
        }
        throw failure("has a bracket that is not closed; write \\[ for a bracket itself")
    }

    private mutating func range(from first: Unicode.Scalar) throws(CacheError) -> ClosedRange<UInt32> {
        var following = rest
        // A hyphen before the closing bracket stands for itself.
        guard following.popFirst() == "-", let last = following.popFirst(), last != "]" else {
            return first.value...first.value
        }
        rest = following
        let end = last == "\\" ? try escaped() : last
        guard first <= end else { throw failure("has a range from '\(first)' down to '\(end)'") }
        return first.value...end.value
    }

    private func failure(_ what: String) -> CacheError {
        CacheError(.invalidPattern, "The pattern \"\(text)\" \(what).")
    }
}
