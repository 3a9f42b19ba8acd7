extension [EdgeSelector] {
    var texts: [String] { map(\.text) }

    /// The forms of the tags under which a purge names them.
    func tags(_ rules: TagRules) -> [String] { flatMap { rules.purgedForms(of: $0.text) } }

    func urls() throws(EdgeError) -> [EdgeURL] {
        var urls: [EdgeURL] = []
        for selector in self {
            guard let url = EdgeURL(selector.text) else {
                throw EdgeError(
                    .unsupportedPurge,
                    "A purge needs a URL with scheme and host, unlike '\(selector.text)'."
                )
            }
            urls.append(url)
        }
        return urls
    }
}
