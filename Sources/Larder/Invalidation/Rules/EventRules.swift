/// Something that has happened in the origin, told by whoever noticed.
public struct CacheEvent: Hashable, Sendable {
    /// What has happened, such as `note.updated`.
    public var type: String

    /// What tells this event from all others; the same when the event is sent again.
    public var id: String

    /// What the rules may refer to.
    public var fields: [String: String]

    /// Makes an event.
    ///
    /// - Parameters:
    ///   - type: What has happened.
    ///   - id: What tells this event from all others.
    ///   - fields: What the rules may refer to.
    public init(_ type: String, id: String, fields: [String: String] = [:]) {
        self.type = type
        self.id = id
        self.fields = fields
    }
}

/// What an event of one type invalidates in one namespace.
public struct EventRule: Hashable, Sendable {
    /// The type of the event.
    public var event: String

    /// The name of the namespace.
    public var namespace: String

    /// What to invalidate; see ``EventRules``.
    public var templates: [String]

    /// Whether the entries may still be served as stale.
    public var isSoft: Bool

    /// Makes a rule.
    ///
    /// - Parameters:
    ///   - event: The type of the event.
    ///   - namespace: The name of the namespace.
    ///   - templates: What to invalidate.
    ///   - isSoft: Whether the entries may still be served as stale.
    public init(_ event: String, in namespace: String, invalidates templates: [String], isSoft: Bool = false) {
        self.event = event
        self.namespace = namespace
        self.templates = templates
        self.isSoft = isSoft
    }
}

/// From events to invalidations.
///
/// A template is one of
///
/// - `note:{id}`: the key with these parts;
/// - `note:{id}:*`: a pattern, as of ``KeyPattern``;
/// - `tag author:{author}`: a tag;
/// - `everything`: all entries of the namespace.
///
/// `{name}` stands for a field of the event, `{{` and `}}` for braces. In a key or a pattern a value becomes one part
/// of the key, escaped as ``CacheKeyEncoder`` escapes parts, and nothing in it is special to the pattern: the value
/// `*` stands for an asterisk.
public struct EventRules: Sendable {
    private struct Rule: Sendable {
        let namespace: String
        let templates: [EventTemplate]
        let isSoft: Bool
    }

    private let rules: [String: [Rule]]
    private let keyPrefix: @Sendable (String) -> StoreKey

    /// Reads rules.
    ///
    /// - Parameters:
    ///   - rules: The rules; several may be for one type of event.
    ///   - keyPrefix: What the keys of a namespace begin with in the store.
    /// - Throws: ``CacheError`` with the code `invalidRule` for a template that says nothing sensible.
    package init(_ rules: [EventRule], keyPrefix: @escaping @Sendable (String) -> StoreKey) throws(CacheError) {
        var compiled: [String: [Rule]] = [:]
        for rule in rules {
            var templates: [EventTemplate] = []
            for text in rule.templates { templates.append(try EventTemplate(text)) }
            compiled[rule.event, default: []]
                .append(
                    Rule(namespace: rule.namespace, templates: templates, isSoft: rule.isSoft)
                )
        }
        self.rules = compiled
        self.keyPrefix = keyPrefix
    }

    /// What an event invalidates.
    ///
    /// - Parameter event: The event.
    /// - Returns: The records, in the order of the rules; none if there is no rule for the type of the event.
    /// - Throws: ``CacheError`` with the code `missingField` if the event lacks a field that a rule for it names.
    public func records(for event: CacheEvent) throws(CacheError) -> [InvalidationRecord] {
        var records: [InvalidationRecord] = []
        for rule in rules[event.type] ?? [] {
            let prefix = keyPrefix(rule.namespace)
            for template in rule.templates {
                let target = try template.target(for: event, keyPrefix: prefix)
                records.append(InvalidationRecord(target, in: rule.namespace, isSoft: rule.isSoft))
            }
        }
        return records
    }
}
