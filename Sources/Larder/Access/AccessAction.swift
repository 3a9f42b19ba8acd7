/// What somebody may do with a namespace or with some of its keys.
public enum AccessAction: UInt8, Hashable, Sendable, CaseIterable {
    /// To read values, loading what is missing included.
    case read
    /// To store values.
    case write
    /// To remove or expire entries by key, pattern or tag.
    case invalidate
    /// To empty the namespace.
    case clear
    /// To see how an entry is kept, and the statistics.
    case inspect
    /// To change how the cache works.
    case administer

    /// The bit of the action in a mask.
    @usableFromInline var bit: UInt8 { 1 << rawValue }
}

extension AccessAction: CustomStringConvertible {
    /// The name of the action, as a verb.
    public var description: String {
        switch self {
        case .read: "read"
        case .write: "write"
        case .invalidate: "invalidate"
        case .clear: "clear"
        case .inspect: "inspect"
        case .administer: "administer"
        }
    }
}
