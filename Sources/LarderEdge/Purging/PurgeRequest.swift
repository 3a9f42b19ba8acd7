/// Something to purge, and how.
public struct PurgeRequest: Hashable, Sendable {
    /// What to purge.
    public var selector: EdgeSelector
    /// Whether it is enough to mark it as stale.
    public var isSoft: Bool

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - selector: What to purge.
    ///   - isSoft: Whether it is enough to mark it as stale.
    public init(_ selector: EdgeSelector, isSoft: Bool = false) {
        self.selector = selector
        self.isSoft = isSoft
    }

    /// What a vendor can do that does at least this.
    ///
    /// - Parameters:
    ///   - capabilities: What the vendor can.
    ///   - mayWiden: Whether more may be purged than was asked for.
    /// - Returns: The request itself, or one for the nearest wider selector; hard if the vendor knows nothing soft.
    /// - Throws: ``EdgeError`` with the code `unsupportedPurge` if the vendor can do nothing of the kind.
    public func fitted(
        to capabilities: EdgeCapabilities,
        mayWiden: Bool
    ) throws(EdgeError) -> PurgeRequest {
        var fitted = self
        while capabilities.batch[fitted.selector.kind] == nil {
            guard mayWiden, let wider = fitted.selector.wider else {
                throw EdgeError(
                    .unsupportedPurge,
                    "A purge by \(selector.kind.rawValue) is beyond this vendor. Allow wider purges, or use another kind."
                )
            }
            fitted.selector = wider
        }
        fitted.isSoft = isSoft && capabilities.soft.contains(fitted.selector.kind)
        return fitted
    }
}
