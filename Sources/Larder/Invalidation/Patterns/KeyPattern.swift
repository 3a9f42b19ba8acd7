import Foundation

/// A pattern that the keys of a namespace match or not.
///
/// A pattern is compared with the whole of a key in its encoded form, without the namespace: parts joined by `:`, as
/// ``CacheKeyEncoder`` writes them.
///
/// | in a pattern | matches |
/// |---|---|
/// | `*` | any characters, none and `:` included |
/// | `?` | one character |
/// | `[abc]`, `[a-f0-9]` | one of these characters; ranges include both ends |
/// | `[!abc]`, `[^abc]` | one other character |
/// | `\*`, `\?`, `\[`, `\]`, `\\` and so on | the character after the backslash, within brackets, too |
/// | all else | itself |
///
/// A character is a Unicode scalar; a byte of a key that is no UTF-8 counts as one that no letter stands for. Case
/// matters. Patterns are brought into Unicode's normal form C, as keys are.
///
/// ```swift
/// let pattern = try KeyPattern("note:*:draft-[0-9]")
/// pattern.matches(StoreKey("note:7:draft-3").bytes)
/// ```
///
/// Matching takes time in proportion to the length of the key, whatever the pattern: all the ways in which a pattern
/// may match are followed at once, one bit each.
public struct KeyPattern: Sendable {
    /// The most bytes that a pattern may have.
    public static let maximumBytes = 1_024

    /// The pattern as it was written, in normal form C.
    public let text: String

    private let matcher: GlobMatcher

    /// The steps of the pattern.
    package var elements: [GlobElement] { matcher.elements }

    /// The bytes that each matching key begins with.
    public let literalPrefix: [UInt8]

    /// Whether the pattern is a text without anything special in it, and matches that key alone.
    public let isLiteral: Bool

    /// Whether the pattern is ``literalPrefix`` and a `*`, and matches all keys that begin with it.
    public let isPrefix: Bool

    /// Reads a pattern.
    ///
    /// - Parameter text: The pattern, at most ``maximumBytes`` of UTF-8.
    /// - Throws: ``CacheError`` with the code `invalidPattern` for brackets that are not closed or hold nothing, for a
    ///   range whose ends are the wrong way round, for a backslash at the end, and for a pattern that is too long.
    /// - Complexity: O(length of `text`).
    public init(_ text: String) throws(CacheError) {
        self.text = text.precomposedStringWithCanonicalMapping
        guard self.text.utf8.count <= Self.maximumBytes else {
            throw CacheError(
                .invalidPattern,
                "A pattern of \(self.text.utf8.count) bytes is too long; use at most \(Self.maximumBytes)."
            )
        }
        let elements = try GlobParser.elements(of: self.text)
        matcher = GlobMatcher(elements)
        let literals = elements.prefix { $0.literal != nil }
        literalPrefix = Array(String(String.UnicodeScalarView(literals.compactMap(\.literal))).utf8)
        isLiteral = literals.count == elements.count
        isPrefix = literals.count + 1 == elements.count && elements.last == .anyRun
    }

    /// Whether a key matches.
    ///
    /// - Parameter key: The encoded key, without its namespace.
    /// - Returns: Whether all of it matches.
    /// - Complexity: O(length of `key`), times the length of the pattern over 64.
    public func matches(_ key: some Collection<UInt8>) -> Bool {
        key.withContiguousStorageIfAvailable { matcher.matches($0) }
            ?? Array(key).withUnsafeBufferPointer { matcher.matches($0) }
    }

    /// The pattern that matches all keys.
    public static let everything = KeyPattern([.anyRun], text: "*")

    private init(_ elements: [GlobElement], text: String) {
        self.text = text
        matcher = GlobMatcher(elements)
        literalPrefix = []
        isLiteral = false
        isPrefix = true
    }

    /// The pattern that matches one text and nothing else.
    ///
    /// - Parameter text: Any text, such as a value that somebody else has chosen.
    /// - Returns: The text with a backslash before each character that is special in a pattern.
    public static func escaping(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            if GlobParser.special.contains(scalar) { escaped.unicodeScalars.append("\\") }
            escaped.unicodeScalars.append(scalar)
        }
        return escaped
    }
}

extension KeyPattern: Hashable {
    /// Compares the texts.
    public static func == (left: KeyPattern, right: KeyPattern) -> Bool { left.text == right.text }

    /// Hashes the text.
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension KeyPattern: CustomStringConvertible {
    /// The text.
    public var description: String { text }
}
