import AccessPrediction

/// What decides on loads ahead in a simulation.
protocol PrefetchPlanner {
    /// When something is to be loaded next.
    var nextMoment: Double? { get }

    /// Takes note of a request, whose entry is in the cache by now.
    mutating func noteRequest(of key: UInt64, isMiss: Bool, _ cache: PrefetchedCache<some PeekablePolicy>)

    /// Takes note of what was loaded ahead.
    mutating func noteFill(of key: UInt64, _ cache: PrefetchedCache<some PeekablePolicy>)

    /// What is to be loaded now; what is fresh is passed over.
    mutating func takeDue(_ cache: PrefetchedCache<some PeekablePolicy>) -> [UInt64]
}

/// Loads nothing ahead.
struct NoPlanner: PrefetchPlanner {
    var nextMoment: Double? { nil }

    mutating func noteRequest(of key: UInt64, isMiss: Bool, _ cache: PrefetchedCache<some PeekablePolicy>) {}

    mutating func noteFill(of key: UInt64, _ cache: PrefetchedCache<some PeekablePolicy>) {}

    mutating func takeDue(_ cache: PrefetchedCache<some PeekablePolicy>) -> [UInt64] { [] }
}

extension MeanIntervalPlanner: PrefetchPlanner {
    mutating func noteRequest(of key: UInt64, isMiss: Bool, _ cache: PrefetchedCache<some PeekablePolicy>) {
        noteRequest(of: key, at: cache.now)
    }

    mutating func noteFill(of key: UInt64, _ cache: PrefetchedCache<some PeekablePolicy>) {}

    mutating func takeDue(_ cache: PrefetchedCache<some PeekablePolicy>) -> [UInt64] {
        var keys: [UInt64] = []
        while let key = takeDue(at: cache.now) { keys.append(key) }
        return keys
    }
}

extension PreloadPlanner<UInt64>: PrefetchPlanner {
    mutating func noteRequest(of key: UInt64, isMiss: Bool, _ cache: PrefetchedCache<some PeekablePolicy>) {
        noteRead(of: key, at: cache.now, isMiss: isMiss) { cache.isFresh($0) }
        if isMiss { noteFill(of: key, cache) }
    }

    mutating func noteFill(of key: UInt64, _ cache: PrefetchedCache<some PeekablePolicy>) {
        noteFill(of: key, at: cache.now, freshUntil: cache.freshUntil(key), cost: nil)
    }

    mutating func takeDue(_ cache: PrefetchedCache<some PeekablePolicy>) -> [UInt64] {
        takePreloads(at: cache.now) { cache.freshUntil($0) > $1 }.map(\.key)
    }
}
