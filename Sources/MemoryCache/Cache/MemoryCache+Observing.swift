public import Synchronization

extension MemoryCache {
    /// Is shown some of the reads, hits and misses alike, on the threads that read.
    ///
    /// It gets the key, the hash that decides which keys are shown, and whether the read was chosen by its turn and not
    /// by its key. It returns the threshold from then on: a read is shown if the hash of its key is below that, and, by
    /// turns, a share of all reads that is as large.
    ///
    /// It is called with no lock held.
    package typealias ReadObserver = @Sendable (Key, _ hash: UInt64, _ isTurn: Bool) -> UInt64

    /// Sets which reads the observer is shown: those of the keys whose hash is below a threshold, and by turns a share of
    /// all reads that is as large; none at zero.
    package func showReads(below threshold: UInt64) {
        observed.store(observer == nil ? 0 : threshold, ordering: .relaxed)
    }

    /// Shows a read to the observer, if its key or its turn is chosen.
    @inlinable
    @inline(__always)
    func show(_ key: Key, _ hash: UInt64, turn: Int) {
        let threshold = observed.load(ordering: .relaxed)
        guard threshold != 0 else { return }
        // Spreads the turns so evenly and so irregularly that no loop of the program meets the same one each time.
        let isTurn = UInt64(truncatingIfNeeded: turn &+ 1) &* 0x9E37_79B9_7F4A_7C15 < threshold
        if hash < threshold || isTurn { observe(key, hash, isTurn: isTurn) }
    }

    /// Shows a read by a reader who has no lane that counts turns.
    @usableFromInline
    @inline(never)
    func showWithoutLane(_ key: Key, _ hash: UInt64) {
        guard observed.load(ordering: .relaxed) != 0 else { return }
        show(key, hash, turn: turnsWithoutLane.wrappingAdd(1, ordering: .relaxed).newValue)
    }

    @usableFromInline
    @inline(never)
    func observe(_ key: Key, _ hash: UInt64, isTurn: Bool) {
        guard let observer else { return }
        observed.store(observer(key, hash, isTurn), ordering: .relaxed)
    }
}
