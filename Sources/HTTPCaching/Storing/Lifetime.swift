import HTTPTypes

/// How long a response is fresh, RFC 9111, section 4.2.1.
enum Lifetime {
    /// From the response itself.
    case explicit(Int64)
    /// From its last change, RFC 9111, section 4.2.2.
    case heuristic(Int64)
    /// Nothing says so.
    case unknown

    init(
        of response: HTTPResponse,
        _ directives: ResponseDirectives,
        isTargeted: Bool,
        at now: HTTPDate,
        _ configuration: SharedCache.Configuration
    ) {
        let fields = response.headerFields
        let date = fields[values: .date].first.flatMap { HTTPDate($0, now: now) } ?? now
        if let seconds = directives.sharedMaxAge ?? directives.maxAge {
            self = .explicit(seconds)
        } else if !isTargeted, fields.contains(.expires) {
            // A date that cannot be read, such as 0, means one in the past; so do two of them.
            let lines = fields[values: .expires]
            let expires = lines.count == 1 ? HTTPDate(lines[0].trimmed, now: now) : nil
            self = .explicit(max(0, expires.map { $0.secondsSince1970 - date.secondsSince1970 } ?? 0))
        } else if let modified = fields[.lastModified].flatMap({ HTTPDate($0, now: now) }), modified < date,
            configuration.heuristicFraction > 0, directives.isPublic || Self.isHeuristic(response.status.code)
        {
            let age = Double(date.secondsSince1970 - modified.secondsSince1970)
            let limit = configuration.heuristicLimit.components.seconds
            self = .heuristic(min(limit, Int64(age * min(1, configuration.heuristicFraction))))
        } else {
            self = .unknown
        }
    }

    var seconds: Int64 {
        switch self {
        case .explicit(let seconds), .heuristic(let seconds): seconds
        case .unknown: 0
        }
    }

    var isExplicit: Bool {
        if case .explicit = self { true } else { false }
    }

    /// Statuses that may be stored without a word from the origin, RFC 9110, section 15.1.
    private static func isHeuristic(_ status: Int) -> Bool {
        [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501].contains(status)
    }
}
