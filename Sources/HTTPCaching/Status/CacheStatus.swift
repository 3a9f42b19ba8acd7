import RawStructuredFieldValues

/// What a cache did with a request, for `Cache-Status`, RFC 9211.
public struct CacheStatus: Hashable, Sendable {
    /// The name of the cache, such as `L2`.
    public var cache: String
    /// Whether it answered by itself.
    public var isHit = false
    /// Why it forwarded the request.
    public var forward: Forwarding.Reason?
    /// The status that the next one answered with.
    public var forwardStatus: Int?
    /// How long the response stays fresh, in seconds; negative once it is stale.
    public var timeToLive: Int64?
    /// Whether it stored the response.
    public var isStored = false
    /// Whether it waited for the same request of somebody else.
    public var isCollapsed = false
    /// The key of the response.
    public var key: String?
    /// What else is worth knowing.
    public var detail: String?

    /// Makes a status that says nothing yet.
    ///
    /// - Parameter cache: The name of the cache.
    public init(cache: String) {
        self.cache = cache
    }

    /// The value of the field, with the caches before this one.
    ///
    /// - Parameter earlier: The value that the response had already: caches nearer to the origin come first.
    /// - Returns: A structured list; characters that no structured string may have are left out.
    public func value(after earlier: String? = nil) -> String {
        let own = plainValue ?? structuredValue
        guard let earlier, !earlier.isEmpty else { return own }
        return "\(earlier), \(own)"
    }

    /// The value where nothing needs quotes, as for each hit: no more than its words.
    private var plainValue: String? {
        guard key == nil, detail == nil, Self.isToken(cache) else { return nil }
        var value = cache
        value.reserveCapacity(cache.utf8.count + 64)
        if isHit { value += ";hit" }
        if let forward { value += ";fwd=\(forward.rawValue)" }
        if let forwardStatus { value += ";fwd-status=\(forwardStatus)" }
        if let timeToLive { value += ";ttl=\(timeToLive)" }
        if isStored { value += ";stored" }
        if isCollapsed { value += ";collapsed" }
        return value
    }

    private var structuredValue: String {
        var serializer = StructuredFieldValueSerializer()
        let name: RFC9651BareItem = Self.isToken(cache) ? .token(cache) : .string(Self.printable(cache))
        let item = Item(bareItem: name, parameters: parameters)
        let bytes = (try? serializer.writeListFieldValue([.item(item)])) ?? []
        return String(decoding: bytes, as: UTF8.self)
    }

    private var parameters: OrderedMap<String, RFC9651BareItem> {
        var parameters = OrderedMap<String, RFC9651BareItem>()
        if isHit { parameters["hit"] = .bool(true) }
        if let forward { parameters["fwd"] = .token(forward.rawValue) }
        if let forwardStatus { parameters["fwd-status"] = .integer(Int64(forwardStatus)) }
        if let timeToLive { parameters["ttl"] = .integer(timeToLive) }
        if isStored { parameters["stored"] = .bool(true) }
        if isCollapsed { parameters["collapsed"] = .bool(true) }
        if let key { parameters["key"] = .string(Self.printable(key)) }
        if let detail { parameters["detail"] = Self.isToken(detail) ? .token(detail) : .string(Self.printable(detail)) }
        return parameters
    }

    private static func isToken(_ text: String) -> Bool {
        guard let first = text.utf8.first,
            first == UInt8(ascii: "*") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= first | 0x20
        else { return false }
        return text.utf8.allSatisfy { $0.isTokenCharacter || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }
    }

    private static func printable(_ text: String) -> String {
        String(decoding: text.utf8.filter { (0x20..<0x7f).contains($0) }, as: UTF8.self)
    }
}
