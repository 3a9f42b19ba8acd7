import Synchronization

extension MemoryCache {
    /// Begins to write down which keys are asked for, so that `larder simulate` can tell from this cache's own requests
    /// what another capacity would bring.
    ///
    /// ```swift
    /// let recording = try cache.record(toFile: "requests.u64", maximumRequests: 2_000_000)
    /// // some time later
    /// try recording.finish()
    /// ```
    ///
    /// Reads are recorded, hits and misses alike; writes are not, since most of them follow a miss. While it lasts, a read
    /// takes some fifty nanoseconds more and the lock of its shard; before and after it, nothing. It ends by itself after
    /// the given number of reads, and a thread of its own writes the file.
    ///
    /// - Parameters:
    ///   - path: The file to make; there must be none yet. Hashes of keys are written to it, never keys.
    ///   - maximumRequests: After how many recorded reads to end, at least 1. Each takes 8 bytes of the file.
    ///   - share: Records one key in so many, with all its reads, for caches with more requests than one wants to keep;
    ///     simulate such a trace with capacities divided by the same number. At least 1.
    /// - Returns: The recording, to finish it.
    /// - Throws: ``MemoryCacheError`` if the file cannot be made, or if another recording is not finished.
    public func record(
        toFile path: String,
        maximumRequests: Int = 10_000_000,
        oneKeyIn share: Int = 1
    ) throws(MemoryCacheError) -> TraceRecording {
        try recording.current.withLock { current throws(MemoryCacheError) in
            guard current?.hasEnded ?? true else {
                throw MemoryCacheError(
                    code: .recordingFailed,
                    message: "This cache is being recorded already; finish that recording first."
                )
            }
            let new = try TraceRecording(path: path, maximum: maximumRequests, modulus: share)
            current = new
            openLanes.store(0, ordering: .relaxed)
            return new
        }
    }

    /// Takes note of a read that found no lane open.
    @usableFromInline
    @inline(never)
    func record(_ hash: UInt64) {
        guard let current = recording.current.withLock({ $0 }), !current.record(hash) else { return }
        recording.current.withLock { latest in
            // Unless the next recording has begun.
            guard latest === current else { return }
            latest = nil
            openLanes.store(lanes.count, ordering: .relaxed)
        }
    }
}

/// Where a cache has its recording, which ends with the cache.
final class RecordingSlot: Sendable {
    let current = Locked<TraceRecording?>(nil)

    deinit { current.withLock { $0 }?.end() }
}
