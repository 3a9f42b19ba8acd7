import struct Foundation.Date

/// What few entries have beside their value, in an object of its own so that the others do not pay for it.
final class EntryDetails: Sendable {
    let entityTag: String?
    let lastModified: Date?
    let tags: Set<String>
    let weight: Int?

    /// The life after access, if it ends that way.
    let idleLife: IdleLife?

    /// Whether the value is the default one of the namespace.
    let isDefaultValue: Bool

    private init(
        entityTag: String? = nil,
        lastModified: Date? = nil,
        tags: Set<String> = [],
        weight: Int? = nil,
        idleLife: IdleLife? = nil,
        isDefaultValue: Bool = false
    ) {
        self.idleLife = idleLife
        self.entityTag = entityTag
        self.lastModified = lastModified
        self.tags = tags
        self.weight = weight
        self.isDefaultValue = isDefaultValue
    }

    /// The details of a default value.
    static let defaultValue = EntryDetails(isDefaultValue: true)

    /// The same with a life after access, or without one.
    static func of(_ details: EntryDetails?, idleLife: IdleLife?) -> EntryDetails? {
        guard idleLife != details?.idleLife else { return details }
        if idleLife == nil {
            return of(
                entityTag: details?.entityTag,
                lastModified: details?.lastModified,
                tags: details?.tags ?? [],
                weight: details?.weight
            )
        }
        return EntryDetails(
            entityTag: details?.entityTag,
            lastModified: details?.lastModified,
            tags: details?.tags ?? [],
            weight: details?.weight,
            idleLife: idleLife
        )
    }

    /// The details of an entry, or nil if it has none.
    static func of(
        entityTag: String? = nil,
        lastModified: Date? = nil,
        tags: Set<String> = [],
        weight: Int? = nil
    ) -> EntryDetails? {
        guard entityTag != nil || lastModified != nil || weight != nil || !tags.isEmpty else { return nil }
        return EntryDetails(entityTag: entityTag, lastModified: lastModified, tags: tags, weight: weight)
    }

    /// The details that came with an envelope.
    static func of(_ stored: EnvelopeDetails) -> EntryDetails? {
        of(
            entityTag: stored.entityTag,
            lastModified: stored.lastModified.map { Date(timeIntervalSince1970: $0) },
            tags: stored.tags,
            weight: stored.weight.map { Int(clamping: $0) }
        )
    }
}

extension EnvelopeDetails {
    /// What an envelope says of an entry.
    init(_ details: EntryDetails?) {
        self.init()
        guard let details else { return }
        entityTag = details.entityTag
        lastModified = details.lastModified?.timeIntervalSince1970
        tags = details.tags
        weight = details.weight.map { UInt64(clamping: $0) }
    }
}
