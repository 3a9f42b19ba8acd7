import HTTPCaching
import HTTPStoring
import HTTPTypes

/// Purges that clients ask for: `PURGE` with tags in `xkey-purge` or `xkey-softpurge`, with `x-purge-all` for everything, and
/// without any of them for its URL.
enum PurgeCommand {
    static func carryOut(_ request: HTTPRequest, _ key: ResourceKey, _ shared: ProxyShared) -> HTTPResponse.Status {
        guard let token = shared.configuration.purgeToken,
            isEqual(request.headerFields[.authorization] ?? "", "Bearer " + token)
        else { return .forbidden }
        if field("x-purge-all", request) != nil {
            shared.store.purgeAll()
        } else if let tags = field("xkey-softpurge", request) {
            shared.store.purge(names(tags), isSoft: true)
        } else if let tags = field("xkey-purge", request) {
            shared.store.purge(names(tags))
        } else {
            shared.store.purge([ResponseStore.url(key)], isSoft: field("x-purge-mode", request) == "soft")
        }
        return .ok
    }

    private static func names(_ tags: String) -> [String] {
        tags.split { $0 == " " || $0 == "," }.map { ResponseStore.tag(String($0)) }
    }

    private static func field(_ name: String, _ request: HTTPRequest) -> String? {
        HTTPField.Name(name).flatMap { request.headerFields[$0] }
    }

    /// Compares in a time that does not tell where two texts begin to differ.
    private static func isEqual(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
