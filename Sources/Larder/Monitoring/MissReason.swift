/// Why no tier had an answer for a read.
public enum MissReason: String, CaseIterable, Hashable, Sendable, Codable {
    /// The key was not asked for before, or so long ago that the cache has forgotten what became of it.
    case cold
    /// The entry expired.
    case expired
    /// The entry left the memory to make room, and the store did not have it.
    case evicted
    /// The entry was removed by its key, by this process or another one.
    case removed
    /// The entry was invalidated by one of its tags.
    case tag
    /// The entry was invalidated by a pattern.
    case pattern
    /// All entries of the namespace were invalidated, or the log that says what was is lost.
    case cleared
    /// The store had an entry that could not be read.
    case undecodable
    /// The last load of the key was not stored, because the key was written or removed meanwhile.
    case fenced
    /// The load was refused, by a limit or by a breaker that is open.
    case refused
    /// The read was told not to look, or the cache passes through.
    case bypassed
}

extension MissReason {
    /// The reason that comes of the way in which an entry left the memory; `nil` if it did not leave.
    init?(_ cause: RemovalCause) {
        switch cause {
        case .evicted: self = .evicted
        case .expired: self = .expired
        case .removed, .invalidated: self = .removed
        default: return nil
        }
    }
}
