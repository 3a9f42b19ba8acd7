import Larder

/// What the writer can be asked to do.
enum WriteOperation: QueuedOperation {
    typealias Outcome = WriteOutcome

    /// Writes rows in their order.
    case put([StoreRow])
    /// Writes rows in their order, where the version is still the same.
    case fill([FillRow])
    /// Replaces keys by tombstones.
    case bury([StoreKey], milliseconds: Int64)
    /// Removes keys.
    case remove([StoreKey])
    /// Removes keys where the version is still the same.
    case removeVersions([StoreRemoval])
    /// Removes at most so many rows of a range.
    case removeSome(KeyRange, limit: Int)
    /// Removes all rows that have expired.
    case sweep
    /// Copies the log into the file.
    case checkpoint
    /// Opens the path anew, unless that has happened since the generation was read; sets a damaged file aside.
    case reopen(generation: Int, isDamaged: Bool)

    /// Whether the operation changes entries, and so may share a transaction with others.
    var isChange: Bool {
        switch self {
        case .put, .fill, .bury, .remove, .removeVersions, .removeSome: true
        case .sweep, .checkpoint, .reopen: false
        }
    }

    var writes: Int {
        switch self {
        case .put(let rows): rows.count
        case .fill(let rows): rows.count
        case .bury(let keys, _), .remove(let keys): keys.count
        case .removeVersions(let removals): removals.count
        case .removeSome, .sweep, .checkpoint, .reopen: 1
        }
    }

    var bytes: Int {
        switch self {
        case .put(let rows): rows.reduce(0) { $0 + $1.size }
        case .fill(let rows): rows.reduce(0) { $0 + $1.row.size }
        case .bury(let keys, _), .remove(let keys): keys.reduce(0) { $0 + $1.bytes.count }
        case .removeVersions(let removals): removals.reduce(0) { $0 + $1.key.bytes.count }
        case .removeSome, .sweep, .checkpoint, .reopen: 0
        }
    }
}
