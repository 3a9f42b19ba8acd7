/// The place of one caller among those who wait, which the cancellation of its task gives up.
///
/// The cancellation may come before the place is taken.
final class Ticket<Place>: @unchecked Sendable {
    // Safe to share: touched only while the lock of those who wait is held.

    var place: Place?
    var isCancelled = false
}
