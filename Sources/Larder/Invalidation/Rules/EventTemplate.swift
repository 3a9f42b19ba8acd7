/// A text with the names of fields in it, such as `note:{id}`.
struct EventTemplate: Hashable, Sendable {
    private enum Part: Hashable {
        case text(String)
        case field(String)
    }

    private enum Kind: Hashable {
        case key
        case pattern
        case tag
        case everything
    }

    private let kind: Kind
    private let parts: [Part]
    let text: String

    /// Reads a template.
    ///
    /// - Throws: ``CacheError`` with the code `invalidRule` for braces that are not closed and for an invalid pattern.
    init(_ text: String) throws(CacheError) {
        self.text = text
        if text == "everything" {
            (kind, parts) = (.everything, [])
            return
        }
        let isTag = text.hasPrefix("tag ")
        parts = try Self.parts(of: isTag ? text.dropFirst(4) : text[...], in: text)
        guard !isTag else {
            kind = .tag
            return
        }
        do throws(CacheError) {
            let sample = try KeyPattern(Self.fill(parts) { _ in Self.marker })
            guard sample.elements.allSatisfy(\.isFreeOfMarkers) else {
                throw CacheError(.invalidPattern, "A field stands between brackets.")
            }
            kind = sample.isLiteral ? .key : .pattern
        } catch {
            throw CacheError(.invalidRule, "The template \"\(text)\" is no pattern: \(error.message)")
        }
    }

    /// What the template says for an event.
    func target(for event: CacheEvent, keyPrefix: StoreKey) throws(CacheError) -> InvalidationRecord.Target {
        for case .field(let name) in parts where event.fields[name] == nil {
            throw CacheError(
                .missingField,
                "The event \"\(event.type)\" has no field \"\(name)\", which the rule \"\(text)\" needs. Send the field."
            )
        }
        switch kind {
        case .everything: return .everything
        case .tag: return .tags([Self.fill(parts) { event.fields[$0] ?? "" }])
        case .key, .pattern:
            let pattern = try KeyPattern(Self.fill(parts) { KeyPattern.escaping(Self.keyPart(event.fields[$0] ?? "")) })
            return kind == .key ? .keys([StoreKey(bytes: keyPrefix.bytes + pattern.literalPrefix)]) : .pattern(pattern)
        }
    }

    /// A value as one part of a key: it can no more add parts than it can widen a pattern.
    private static func keyPart(_ value: String) -> String {
        var encoder = CacheKeyEncoder()
        encoder.append(value)
        return String(decoding: encoder.bytes, as: UTF8.self)
    }

    private static func fill(_ parts: [Part], with value: (String) -> String) -> String {
        parts.reduce(into: "") { text, part in
            switch part {
            case .text(let literal): text += literal
            case .field(let name): text += value(name)
            }
        }
    }

    /// A character of nobody's, which stands for a value while a template is checked.
    fileprivate static let marker = "\u{F8FF}"

    private static func parts(of template: Substring, in text: String) throws(CacheError) -> [Part] {
        var parts: [Part] = []
        var rest = template
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            parts.append(.text(String(rest[..<brace])))
            let character = rest[brace]
            rest = rest[rest.index(after: brace)...]
            if rest.first == character {
                parts.append(.text(String(character)))
                rest = rest.dropFirst()
                continue
            }
            // The backslash would take away the one that keeps the value from being special.
            guard template[..<brace].reversed().prefix(while: { $0 == "\\" }).count.isMultiple(of: 2) else {
                throw CacheError(.invalidRule, "The template \"\(text)\" has a field behind a backslash; write two.")
            }
            guard character == "{", let end = rest.firstIndex(of: "}"), end != rest.startIndex else {
                throw CacheError(
                    .invalidRule,
                    "The template \"\(text)\" has a brace without a name or an end; write {name}, or {{ for a brace."
                )
            }
            parts.append(.field(String(rest[..<end])))
            rest = rest[rest.index(after: end)...]
        }
        parts.append(.text(String(rest)))
        return parts
    }
}

extension GlobElement {
    fileprivate var isFreeOfMarkers: Bool {
        guard case .set(let ranges, _) = self, let marker = EventTemplate.marker.unicodeScalars.first else {
            return true
        }
        return !ranges.contains { $0.contains(marker.value) }
    }
}
