/// A link to another note: `[[Target]]`, `[[Target|Label]]`, `[[Target#Heading]]`.
struct WikiLink: Codable, Hashable, Sendable {
    /// The note that is meant: its id, or the last part of it.
    ///
    /// Empty for a heading of the same note.
    let target: String

    /// The heading inside the note, if one is named.
    let heading: String?

    /// What to show.
    let label: String

    /// Reads what stands between `[[` and `]]`, or `nil` if that names nothing.
    init?(_ content: some StringProtocol) {
        let parts = Substring(content).split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        guard let place = parts.first?.trimmingSpaces() else { return nil }
        let placeParts = place.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        var target = (placeParts.first ?? "").trimmingSpaces()
        if target.hasSuffix(".md") { target = target.dropLast(3) }
        let heading = placeParts.count > 1 ? String(placeParts[1].trimmingSpaces()) : nil
        guard !target.isEmpty || heading?.isEmpty == false else { return nil }
        let label = parts.count > 1 ? String(parts[1].trimmingSpaces()) : ""
        self.target = String(target)
        self.heading = heading
        self.label = label.isEmpty ? String(place) : label
    }

    /// What the link is matched by: case does not count.
    var targetKey: String { target.lowercased() }
}
