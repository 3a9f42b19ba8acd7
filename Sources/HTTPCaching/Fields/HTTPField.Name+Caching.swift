public import HTTPTypes

extension HTTPField.Name {
    /// `Cache-Status` of RFC 9211.
    public static let cacheStatus = literal("Cache-Status")
    /// `CDN-Cache-Control` of RFC 9213.
    public static let cdnCacheControl = literal("CDN-Cache-Control")
    /// `Cache-Groups` of RFC 9875.
    public static let cacheGroups = literal("Cache-Groups")
    /// `Cache-Group-Invalidation` of RFC 9875.
    public static let cacheGroupInvalidation = literal("Cache-Group-Invalidation")

    static let keepAlive = literal("Keep-Alive")
    static let pragma = literal("Pragma")
    static let proxyConnection = literal("Proxy-Connection")

    private static func literal(_ name: String) -> HTTPField.Name {
        // Names in this file are tokens; the tests ask for each of them.
        HTTPField.Name(name) ?? .cacheControl
    }
}
