import Foundation

/// The wall clock, for what only has to be about right: it orders nothing.
enum WallTime {
    /// The number of minutes since 1970.
    static var minutes: UInt64 { UInt64(max(0, Date().timeIntervalSince1970) / 60) }
}
