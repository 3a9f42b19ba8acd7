/// The templates of the keys of a namespace, by their names.
///
/// ```swift
/// let templates = try KeyTemplates([
///     "note": KeyTemplate("note:{id}:{lang}", ["id": .integer]),
///     "draft": KeyTemplate("draft:{author}"),
/// ])
/// let key = try templates.key("note", ["id": 7, "lang": "en"])
/// ```
public struct KeyTemplates: Hashable, Sendable {
    /// The templates by their names.
    public let templates: [String: KeyTemplate]

    /// Registers templates.
    ///
    /// - Parameter templates: The templates by their names.
    /// - Throws: ``CacheError`` with the code `invalidConfiguration` if two templates could make the same key, so that
    ///   nobody could tell which of them it is by.
    public init(_ templates: [String: KeyTemplate]) throws(CacheError) {
        let sorted = templates.sorted { $0.key < $1.key }
        for (index, (name, template)) in sorted.enumerated() {
            if let other = sorted[..<index].first(where: { $0.value.overlaps(template) }) {
                throw CacheError(
                    .invalidConfiguration,
                    "The templates \"\(other.key)\" (\(other.value)) and \"\(name)\" (\(template)) can make the same key; "
                        + "give one of them another first part."
                )
            }
        }
        self.templates = templates
    }

    /// Makes a key by a template.
    ///
    /// - Parameters:
    ///   - name: The name of the template.
    ///   - values: A value for each name in braces.
    /// - Returns: The key.
    /// - Throws: ``CacheError`` with the code `invalidKey` if there is no such template, and what
    ///   ``KeyTemplate/key(_:)`` throws.
    public func key(_ name: String, _ values: [String: KeyValue]) throws(CacheError) -> TemplateKey {
        try template(name).key(values)
    }

    /// Makes a key by a template, of values that came as text, such as the arguments of a command.
    ///
    /// - Parameters:
    ///   - name: The name of the template.
    ///   - texts: A value for each name in braces, as people write it.
    /// - Returns: The key.
    /// - Throws: What ``key(_:_:)`` throws, also where a text is not of the kind that the template asks for.
    public func key(_ name: String, parsing texts: [String: String]) throws(CacheError) -> TemplateKey {
        let template = try template(name)
        var values: [String: KeyValue] = [:]
        // A text that cannot be read, or has no place, is left for the template to refuse.
        for (place, text) in texts { values[place] = template.placeholders[place]?.value(of: text) ?? .text(text) }
        return try template.key(values)
    }

    /// Finds the template that a key was made by.
    ///
    /// - Parameter key: The key in its encoded form, without its namespace.
    /// - Returns: The name of the template and the values; `nil` if no template makes that key.
    /// - Complexity: O(number of templates times length of the key).
    public func match(_ key: String) -> (name: String, values: [String: KeyValue])? {
        for (name, template) in templates {
            if let values = template.values(of: key) { return (name, values) }
        }
        return nil
    }

    private func template(_ name: String) throws(CacheError) -> KeyTemplate {
        guard let template = templates[name] else {
            throw CacheError(
                .invalidKey,
                "There is no template \"\(name)\"; there are \(templates.keys.sorted().joined(separator: ", "))."
            )
        }
        return template
    }
}

extension KeyTemplate {
    /// Whether this template and another one can make the same key.
    fileprivate func overlaps(_ other: KeyTemplate) -> Bool {
        parts.count == other.parts.count && zip(parts, other.parts).allSatisfy { $0.overlaps($1) }
    }
}

extension KeyTemplate.Part {
    fileprivate func overlaps(_ other: Self) -> Bool {
        switch (self, other) {
        case (.literal(let one), .literal(let two)): one == two
        case (.literal(let text), .placeholder(_, let kind)), (.placeholder(_, let kind), .literal(let text)):
            kind.value(of: text) != nil
        case (.placeholder(_, let one), .placeholder(_, let two)): one.overlaps(two)
        }
    }
}
