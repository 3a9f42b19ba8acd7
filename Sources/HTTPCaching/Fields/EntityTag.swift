/// The value of an `ETag`, RFC 9110, section 8.8.3.
public struct EntityTag: Hashable, Sendable {
    /// What stands between the quotes.
    public var opaque: String

    /// Whether equal tags promise equal meaning alone, not equal bytes.
    public var isWeak: Bool

    /// Makes a tag.
    ///
    /// - Parameters:
    ///   - opaque: What stands between the quotes: visible characters other than the quote.
    ///   - isWeak: Whether equal tags promise equal meaning alone.
    public init(_ opaque: String, isWeak: Bool = false) {
        self.opaque = opaque
        self.isWeak = isWeak
    }

    /// Reads the value of a field.
    ///
    /// - Parameter text: `"abc"` or `W/"abc"`. What has no quotes is taken as it is: servers send it, and comparing it
    ///   as a whole can do no harm.
    public init?(parsing text: some StringProtocol) {
        var rest = Substring(text.trimmed)
        isWeak = rest.hasPrefix("W/")
        if isWeak { rest = rest.dropFirst(2) }
        if rest.utf8.count >= 2, rest.hasPrefix("\""), rest.hasSuffix("\"") {
            rest = rest.dropFirst().dropLast()
        } else if rest.isEmpty || isWeak || rest.contains("\"") {
            return nil
        }
        opaque = String(rest)
    }

    /// Whether both promise the same meaning.
    public func matchesWeakly(_ other: EntityTag) -> Bool { opaque == other.opaque }

    /// Whether both promise the same bytes.
    public func matchesStrongly(_ other: EntityTag) -> Bool { !isWeak && !other.isWeak && opaque == other.opaque }
}

extension EntityTag: CustomStringConvertible {
    /// The value of a field.
    public var description: String { isWeak ? "W/\"\(opaque)\"" : "\"\(opaque)\"" }
}
