import Synchronization

/// The right to load, until it is released.
///
/// A permit that is dropped is released.
final class LoadPermit: Sendable {
    private let limiter: LoadLimiter
    private let group: String?
    private let isReleased = Atomic<Bool>(false)

    init(limiter: LoadLimiter, group: String?) {
        self.limiter = limiter
        self.group = group
    }

    deinit { release() }

    /// Makes room for another load; only the first call counts.
    ///
    /// Takes no lock but the limiter's, which is held while nobody else's code runs.
    func release() {
        guard !isReleased.exchange(true, ordering: .relaxed) else { return }
        limiter.end(group: group)
    }
}
