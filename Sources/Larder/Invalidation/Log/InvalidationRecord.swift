/// One invalidation, as the log keeps it and all nodes apply it.
public struct InvalidationRecord: Hashable, Sendable {
    /// What an invalidation touches.
    public enum Target: Hashable, Sendable {
        /// Some entries by their keys, in the form of the store, namespace included.
        case keys([StoreKey])
        /// All entries that carry one of some tags.
        case tags([String])
        /// All entries whose keys match a pattern.
        case pattern(KeyPattern)
        /// All entries of the namespace.
        case everything
    }

    /// The name of the namespace whose entries are touched.
    public var namespace: String

    /// Which of its entries are touched.
    public var target: Target

    /// Whether the entries may still be served as stale while a load replaces them.
    public var isSoft: Bool

    /// Makes a record.
    ///
    /// - Parameters:
    ///   - target: What is touched.
    ///   - namespace: The name of the namespace.
    ///   - isSoft: Whether the entries may still be served as stale.
    public init(_ target: Target, in namespace: String, isSoft: Bool = false) {
        self.namespace = namespace
        self.target = target
        self.isSoft = isSoft
    }

    /// Makes the records for any number of keys, none of them larger than a log takes.
    ///
    /// - Parameters:
    ///   - keys: The keys, in the form of the store.
    ///   - namespace: The name of the namespace.
    ///   - isSoft: Whether the entries may still be served as stale.
    /// - Returns: As few records as will do; none for no keys.
    public static func records(
        forKeys keys: [StoreKey],
        in namespace: String,
        isSoft: Bool = false
    ) -> [InvalidationRecord] {
        var records: [InvalidationRecord] = []
        var part: [StoreKey] = []
        var bytes = 0
        for key in keys {
            if !part.isEmpty, bytes + key.bytes.count > targetBytes {
                records.append(InvalidationRecord(.keys(part), in: namespace, isSoft: isSoft))
                part = []
                bytes = 0
            }
            part.append(key)
            bytes += key.bytes.count + 4
        }
        if !part.isEmpty { records.append(InvalidationRecord(.keys(part), in: namespace, isSoft: isSoft)) }
        return records
    }

    private static let targetBytes = 64 << 10
}

/// A record in its place in the log.
public struct LoggedInvalidation: Hashable, Sendable {
    /// The offset of the record within its epoch.
    public var offset: UInt64

    /// The record.
    public var record: InvalidationRecord

    /// Puts a record in its place.
    ///
    /// - Parameters:
    ///   - record: The record.
    ///   - offset: Its offset within its epoch.
    public init(_ record: InvalidationRecord, at offset: UInt64) {
        self.record = record
        self.offset = offset
    }
}
