/// The form of the keys of one kind, with a name for each part that varies.
///
/// For keys that people and other programs write down: in commands, requests and rules. Where a program knows its keys
/// when it is compiled, a type of its own that is a ``CacheKey`` is checked earlier.
///
/// ```swift
/// let notes = try KeyTemplate("note:{id}:{lang}", ["id": .integer, "lang": .oneOf(["de", "en"])])
/// let key = try notes.key(["id": 7, "lang": "en"])         // note:7:en
/// let all = try notes.pattern(["id": 7])                   // note:7:*
/// ```
public struct KeyTemplate: Hashable, Sendable {
    /// What a part that varies may be.
    public enum Kind: Hashable, Sendable {
        /// A text that is not empty.
        case text
        /// A whole number of 64 bits.
        case integer
        /// A UUID.
        case identifier
        /// `true` or `false`, written as `1` or `0`.
        case boolean
        /// One of some texts.
        case oneOf(Set<String>)
    }

    enum Part: Hashable, Sendable {
        case literal(String)
        case placeholder(String, Kind)
    }

    /// The template as it was written.
    public let text: String

    /// The kinds of the parts that vary, by their names.
    public let placeholders: [String: Kind]

    let parts: [Part]

    /// Reads a template.
    ///
    /// - Parameters:
    ///   - text: Parts joined by `:`. Each is a text, which stands for itself, or a name in braces.
    ///   - kinds: What the parts may be that names stand for; text unless given.
    /// - Throws: ``CacheError`` with the code `invalidKey` if a part is empty, or has braces that do not enclose all of
    ///   it, if a name is used twice, or if a kind is given for a name that there is not.
    public init(_ text: String, _ kinds: [String: Kind] = [:]) throws(CacheError) {
        var placeholders: [String: Kind] = [:]
        var parts: [Part] = []
        for part in text.split(separator: ":", omittingEmptySubsequences: false) {
            guard let name = try Self.placeholder(part, of: text) else {
                parts.append(.literal(String(part)))
                continue
            }
            let kind = kinds[name] ?? .text
            guard placeholders.updateValue(kind, forKey: name) == nil else {
                throw Self.malformed(text, "uses the name {\(name)} twice")
            }
            parts.append(.placeholder(name, kind))
        }
        if let unknown = kinds.keys.sorted().first(where: { placeholders[$0] == nil }) {
            throw Self.malformed(text, "has no {\(unknown)}, for which a kind is given")
        }
        self.text = text
        self.placeholders = placeholders
        self.parts = parts
    }

    private static func placeholder(_ part: Substring, of text: String) throws(CacheError) -> String? {
        guard !part.isEmpty else { throw malformed(text, "has an empty part") }
        guard part.contains(where: { $0 == "{" || $0 == "}" }) else { return nil }
        let name = part.dropFirst().dropLast()
        guard part.first == "{", part.last == "}", !name.isEmpty, !name.contains(where: { "{}".contains($0) }) else {
            throw malformed(text, "has braces in \"\(part)\" that do not enclose the name of a whole part")
        }
        return String(name)
    }

    private static func malformed(_ text: String, _ what: String) -> CacheError {
        CacheError(.invalidKey, "The template \"\(text)\" \(what).")
    }

    /// Makes a key.
    ///
    /// - Parameter values: A value for each name in braces.
    /// - Returns: The key.
    /// - Throws: ``CacheError`` with the code `invalidKey` if a value is missing, is not of the kind that the template
    ///   asks for, or is for a name that there is not.
    public func key(_ values: [String: KeyValue]) throws(CacheError) -> TemplateKey {
        try checkNames(values)
        var encoder = CacheKeyEncoder()
        for part in parts {
            switch part {
            case .literal(let literal): encoder.append(literal)
            case .placeholder(let name, let kind):
                guard let value = values[name] else { throw refusal("has no value for {\(name)}") }
                encoder.append(contentsOf: try checked(value, name, kind))
            }
        }
        return TemplateKey(encoder)
    }

    /// Makes the pattern of all keys with some values.
    ///
    /// - Parameter values: Values for some of the names in braces; any value matches for the others. As in all patterns,
    ///   that may also be several parts.
    /// - Returns: The pattern.
    /// - Throws: What ``key(_:)`` throws, but for values that are missing, or ``CacheError`` with the code
    ///   `invalidPattern` for a pattern that is too long.
    public func pattern(_ values: [String: KeyValue] = [:]) throws(CacheError) -> KeyPattern {
        try checkNames(values)
        var texts: [String] = []
        for part in parts {
            var encoder = CacheKeyEncoder()
            switch part {
            case .literal(let literal): encoder.append(literal)
            case .placeholder(let name, let kind):
                guard let value = values[name] else {
                    texts.append("*")
                    continue
                }
                encoder.append(contentsOf: try checked(value, name, kind))
            }
            texts.append(KeyPattern.escaping(String(decoding: encoder.bytes, as: UTF8.self)))
        }
        return try KeyPattern(texts.joined(separator: ":"))
    }

    /// Reads the values of a key.
    ///
    /// - Parameter key: The key in its encoded form, without its namespace.
    /// - Returns: The values by their names; `nil` if the key is not one of this template.
    public func values(of key: String) -> [String: KeyValue]? {
        var decoder = CacheKeyDecoder(Array(key.utf8)[...])
        var values: [String: KeyValue] = [:]
        for part in parts {
            guard let text = decoder.text() else { return nil }
            if case .placeholder(let name, let kind) = part { values[name] = kind.value(of: text) }
        }
        // What the values make is that key, or it was another's.
        return (try? self.key(values))?.text == key ? values : nil
    }

    private func checkNames(_ values: [String: KeyValue]) throws(CacheError) {
        if let unknown = values.keys.sorted().first(where: { placeholders[$0] == nil }) {
            throw refusal("has a value for {\(unknown)}, which is not in the template")
        }
    }

    private func checked(_ value: KeyValue, _ name: String, _ kind: Kind) throws(CacheError) -> KeyValue {
        guard kind.accepts(value) else { throw refusal("has \(value) for {\(name)}, which is to be \(kind)") }
        return value
    }

    private func refusal(_ what: String) -> CacheError {
        CacheError(.invalidKey, "The key by the template \"\(text)\" \(what).")
    }
}

extension KeyTemplate: CustomStringConvertible {
    /// The template as it was written.
    public var description: String { text }
}
