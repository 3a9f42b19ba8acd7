package import HTTPTypes

extension SharedCache {
    /// The stored response for a request: of those that answer it, the one that was made last.
    ///
    /// - Returns: Its index.
    /// - Complexity: O(stored responses).
    package func selected(for request: HTTPRequest, among stored: [StoredResponse]) -> Int? {
        var selected: Int?
        for index in stored.indices where stored[index].variant.matches(request) {
            if let other = selected, Self.made(stored[index]) < Self.made(stored[other]) { continue }
            selected = index
        }
        return selected
    }

    private static func made(_ stored: StoredResponse) -> Duration { stored.receivedAt.uptime - stored.initialAge }
}
