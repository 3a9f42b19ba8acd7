/// What a purge removes from the edge.
public enum EdgeSelector: Hashable, Sendable {
    /// The response of one URL, with scheme and host.
    case url(String)
    /// All responses that carry a tag.
    case tag(String)
    /// All responses whose URLs begin with this one.
    case prefix(String)
    /// All responses of a host.
    case host(String)
    /// All there is.
    case everything

    /// What a selector selects by.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// One URL.
        case url
        /// A tag.
        case tag
        /// The beginning of URLs.
        case prefix
        /// A host.
        case host
        /// Nothing in particular.
        case everything
    }

    /// What it selects by.
    public var kind: Kind {
        switch self {
        case .url: .url
        case .tag: .tag
        case .prefix: .prefix
        case .host: .host
        case .everything: .everything
        }
    }

    /// The URL, tag or host; empty for everything.
    public var text: String {
        switch self {
        case .url(let text), .tag(let text), .prefix(let text), .host(let text): text
        case .everything: ""
        }
    }

    init?(_ kind: Kind, _ text: String) {
        switch kind {
        case .url: self = .url(text)
        case .tag: self = .tag(text)
        case .prefix: self = .prefix(text)
        case .host: self = .host(text)
        case .everything: self = .everything
        }
    }

    /// The selector that selects this and as little else as may be; `nil` for everything.
    var wider: EdgeSelector? {
        switch self {
        case .url(let url): .prefix(url)
        case .prefix(let url): EdgeURL(url).map { .host($0.host) } ?? .everything
        case .tag, .host: .everything
        case .everything: nil
        }
    }
}

/// The parts of a URL that purges need.
struct EdgeURL {
    var host: String
    /// Path and query.
    var path: String

    init?(_ url: String) {
        guard let scheme = ["https://", "http://"].first(where: url.lowercased().hasPrefix) else { return nil }
        let rest = url.dropFirst(scheme.count)
        let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !host.isEmpty else { return nil }
        self.host = String(host)
        let path = rest.dropFirst(host.count).prefix { $0 != "#" }
        self.path = path.hasPrefix("/") ? String(path) : "/" + path
    }
}
