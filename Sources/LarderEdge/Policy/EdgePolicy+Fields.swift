import HTTPCaching
public import HTTPTypes

extension EdgePolicy {
    /// The fields of a response.
    ///
    /// - Parameters:
    ///   - entry: What is known of the entries that the response was made of.
    ///   - profile: What the caches at the edge read.
    /// - Returns: `Cache-Control`, the fields for the edge, tags, `Age`, `ETag`, `Last-Modified` and `Vary`, as far as they
    ///   apply. A response whose tags do not fit in any way may not be stored at the edge: it could not be purged.
    /// - Complexity: O(tags · log(tags)).
    public func fields(for entry: EdgeEntry, profile: EdgeProfile) -> HTTPFields {
        var fields = HTTPFields()
        let tags = tagField(entry, profile)
        let isPurgeable = entry.tags.isEmpty || tags != nil
        addLifetimes(to: &fields, entry, profile, isStoredAtEdge: isPurgeable)
        if let tags, audience == .everybody { fields.append(tags) }
        if entry.age >= .seconds(1) { fields[.age] = String(entry.age.components.seconds) }
        fields[.eTag] = entry.entityTag?.description
        fields[.lastModified] = entry.lastModified?.description
        if !vary.isEmpty { fields[.vary] = vary.map(\.rawName).joined(separator: ", ") }
        return fields
    }

    private func tagField(_ entry: EdgeEntry, _ profile: EdgeProfile) -> HTTPField? {
        guard let rules = profile.tags, let name = HTTPField.Name(rules.field), !entry.tags.isEmpty else { return nil }
        return rules.value(for: entry.tags, fallback: entry.wideTags)
            .flatMap { $0.isEmpty ? nil : HTTPField(name: name, value: $0) }
    }

    private func addLifetimes(
        to fields: inout HTTPFields,
        _ entry: EdgeEntry,
        _ profile: EdgeProfile,
        isStoredAtEdge: Bool
    ) {
        let browser = Self.lifetime(browserLifetime, entry)
        switch audience {
        case .nobody: fields[.cacheControl] = "no-store"
        case .oneUser: fields[.cacheControl] = "private, max-age=\(browser)"
        case .everybody:
            let forEdge = isStoredAtEdge ? edgeDirectives(entry) : "no-store"
            fields[.cacheControl] = generalDirectives(entry, profile, browser, isStoredAtEdge: isStoredAtEdge)
            for target in profile.targetedFields { fields[target] = forEdge }
            if profile.readsSurrogateControl, let name = HTTPField.Name("Surrogate-Control") { fields[name] = forEdge }
        }
    }

    private func generalDirectives(
        _ entry: EdgeEntry,
        _ profile: EdgeProfile,
        _ browser: Int64,
        isStoredAtEdge: Bool
    ) -> String {
        // Caches that read no targeted field, of which there may be any on the way, see this alone.
        guard isStoredAtEdge else { return "private, max-age=\(browser)" }
        var directives = ["public", "max-age=\(browser)"]
        if profile.targetedFields.isEmpty, !profile.readsSurrogateControl {
            directives.append("s-maxage=\(Self.lifetime(edgeLifetime, entry))")
            directives += staleDirectives
        }
        if isImmutable { directives.append("immutable") }
        return directives.joined(separator: ", ")
    }

    private func edgeDirectives(_ entry: EdgeEntry) -> String {
        (["max-age=\(Self.lifetime(edgeLifetime, entry))"] + staleDirectives).joined(separator: ", ")
    }

    private var staleDirectives: [String] {
        [("stale-while-revalidate", staleWhileRevalidate), ("stale-if-error", staleIfError)]
            .filter { $0.1 >= .seconds(1) }.map { "\($0.0)=\($0.1.components.seconds)" }
    }

    /// In whole seconds, no longer than what is left of the entry; counted from when the response was made, as ages are.
    private static func lifetime(_ lifetime: Duration, _ entry: EdgeEntry) -> Int64 {
        let left = entry.remainingLife.map { min(lifetime, max($0, .zero)) } ?? lifetime
        return (left + max(entry.age, .zero)).components.seconds
    }
}
