import HTTPTypes

/// What a response says to caches, RFC 9111, section 5.2.2, RFC 5861 and RFC 8246.
public struct ResponseDirectives: Hashable, Sendable {
    /// Which part of a response a directive concerns.
    public enum Scope: Hashable, Sendable {
        /// The directive is absent.
        case nothing
        /// These fields.
        case fields(Set<String>)
        /// All of it.
        case everything
    }

    /// `max-age` in seconds; 0 if it cannot be read, or contradicts itself.
    public var maxAge: Int64?
    /// `s-maxage` in seconds; 0 if it cannot be read, or contradicts itself.
    public var sharedMaxAge: Int64?
    /// `stale-while-revalidate` in seconds.
    public var staleWhileRevalidate: Int64?
    /// `stale-if-error` in seconds.
    public var staleIfError: Int64?
    /// `no-cache`: what needs validation before each use.
    public var noCache = Scope.nothing
    /// `private`: what is for one user alone.
    public var isPrivate = Scope.nothing
    /// `no-store`.
    public var noStore = false
    /// `public`.
    public var isPublic = false
    /// `must-revalidate`.
    public var mustRevalidate = false
    /// `proxy-revalidate`.
    public var proxyRevalidate = false
    /// `must-understand`.
    public var mustUnderstand = false
    /// `immutable`.
    public var isImmutable = false

    /// No directives.
    public init() {}

    /// Reads the lines of `Cache-Control`.
    ///
    /// - Parameter lines: The values of the field, in their order.
    public init(cacheControl lines: some Sequence<String>) {
        for directive in DirectiveReader.directives(in: lines) { add(directive.name, directive.value) }
    }

    /// Whether the stale response must not be used, whoever would allow it.
    var forbidsStale: Bool { mustRevalidate || proxyRevalidate || noCache == .everything }

    mutating func add(_ name: String, _ value: String?) {
        switch name {
        case "max-age": Self.set(&maxAge, value)
        case "s-maxage": Self.set(&sharedMaxAge, value)
        case "stale-while-revalidate": staleWhileRevalidate = staleWhileRevalidate ?? value.flatMap(DeltaSeconds.parse)
        case "stale-if-error": staleIfError = staleIfError ?? value.flatMap(DeltaSeconds.parse)
        case "no-cache": noCache.add(value)
        case "private": isPrivate.add(value)
        case "no-store": noStore = true
        case "public": isPublic = true
        case "must-revalidate": mustRevalidate = true
        case "proxy-revalidate": proxyRevalidate = true
        case "must-understand": mustUnderstand = true
        case "immutable": isImmutable = true
        default: break
        }
    }

    /// RFC 9111, section 4.2.1: what is no number, or says two things, had better count as stale.
    private static func set(_ seconds: inout Int64?, _ value: String?) {
        let new = value.flatMap(DeltaSeconds.parse) ?? 0
        seconds = seconds == nil || seconds == new ? new : 0
    }
}

extension ResponseDirectives.Scope {
    mutating func add(_ names: String?) {
        guard let names else {
            self = .everything
            return
        }
        let listed = Set(FieldList.members(of: [names]).map { $0.lowercased() })
        switch self {
        case .nothing: self = .fields(listed)
        case .fields(let known): self = .fields(known.union(listed))
        case .everything: break
        }
    }

    func contains(_ name: HTTPField.Name) -> Bool {
        switch self {
        case .nothing: false
        case .fields(let names): names.contains(name.canonicalName)
        case .everything: true
        }
    }
}
