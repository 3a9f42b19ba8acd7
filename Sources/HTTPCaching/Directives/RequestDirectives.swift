public import HTTPTypes

/// What a request asks of caches, RFC 9111, section 5.2.1.
public struct RequestDirectives: Hashable, Sendable {
    /// `max-age` in seconds: how old a response may be.
    public var maxAge: Int64?
    /// `max-stale` in seconds: how long a response may be stale; all there is for one without a value.
    public var maxStale: Int64?
    /// `min-fresh` in seconds: how long a response has to stay fresh.
    public var minFresh: Int64?
    /// `stale-if-error` in seconds, of RFC 5861.
    public var staleIfError: Int64?
    /// `no-cache`: only what was validated.
    public var noCache = false
    /// `no-store`: neither request nor response may be stored.
    public var noStore = false
    /// `only-if-cached`: rather nothing than a question to the origin.
    public var onlyIfCached = false

    /// No directives.
    public init() {}

    /// Reads the fields of a request: `Cache-Control`, or where that is absent `Pragma: no-cache`.
    ///
    /// - Parameter fields: The fields of the request.
    public init(_ fields: HTTPFields) {
        guard fields.contains(.cacheControl) else {
            if fields.contains(.pragma) {
                noCache = DirectiveReader.directives(in: fields[values: .pragma]).contains { $0.name == "no-cache" }
            }
            return
        }
        for directive in DirectiveReader.directives(in: fields[values: .cacheControl]) {
            let seconds = directive.value.flatMap(DeltaSeconds.parse)
            switch directive.name {
            case "max-age": maxAge = seconds ?? 0
            case "max-stale": maxStale = directive.value == nil ? DeltaSeconds.maximum : seconds
            case "min-fresh": minFresh = seconds
            case "stale-if-error": staleIfError = seconds
            case "no-cache": noCache = true
            case "no-store": noStore = true
            case "only-if-cached": onlyIfCached = true
            default: break
            }
        }
    }
}
