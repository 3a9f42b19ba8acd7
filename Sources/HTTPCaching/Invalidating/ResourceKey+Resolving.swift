extension ResourceKey {
    /// The key of the resource that a reference names, as a field such as `Location` has it, RFC 3986, section 5.2.
    ///
    /// - Parameter reference: A URL, or a part of one that this resource's URL completes.
    /// - Returns: The key, or `nil` if the reference is of another scheme than HTTP's, or empty.
    public func resolving(_ reference: String) -> ResourceKey? {
        let text = String(reference.trimmed.prefix { $0 != "#" })
        guard !text.isEmpty else { return nil }
        let (scheme, rest) = Self.scheme(of: text)
        if let scheme {
            guard ["http", "https"].contains(scheme), rest.hasPrefix("//") else { return nil }
            return Self.absolute(scheme, rest.dropFirst(2))
        }
        let own = origin.prefix { $0 != ":" }
        if text.hasPrefix("//") { return Self.absolute(String(own), text.dropFirst(2)) }
        let authority = String(origin.dropFirst(own.count + 3))
        return ResourceKey(scheme: String(own), authority: authority, path: Self.clean(merged(text)))
    }

    private static func scheme(of text: String) -> (String?, Substring) {
        guard let colon = text.firstIndex(of: ":") else { return (nil, text[...]) }
        let name = text[..<colon]
        guard let first = name.first, first.isASCII, first.isLetter,
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
        else { return (nil, text[...]) }
        return (name.lowercased(), text[text.index(after: colon)...])
    }

    private static func absolute(_ scheme: String, _ rest: Substring) -> ResourceKey {
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        return ResourceKey(
            scheme: scheme,
            authority: String(authority),
            path: clean(String(rest.dropFirst(authority.count)))
        )
    }

    private func merged(_ reference: String) -> String {
        if reference.hasPrefix("/") { return reference }
        let own = path.prefix { $0 != "?" }
        if reference.hasPrefix("?") { return own + reference }
        let folder = own.lastIndex(of: "/").map { own[...$0] } ?? "/"
        return folder + reference
    }

    /// Removes the segments `.` and `..` of a path, RFC 3986, section 5.2.4.
    private static func clean(_ path: String) -> String {
        let segments = path.prefix { $0 != "?" }
        let query = path.dropFirst(segments.count)
        var kept: [Substring] = []
        var endsInFolder = false
        for segment in segments.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            endsInFolder = segment == "." || segment == ".."
            if segment == ".." { _ = kept.popLast() } else if segment != "." { kept.append(segment) }
        }
        return "/" + kept.joined(separator: "/") + (endsInFolder && !kept.isEmpty ? "/" : "") + query
    }
}
