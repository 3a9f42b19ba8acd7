/// How many misses by expiry other lifetimes would bring, told from a sample of keys in bounded memory.
///
/// For each key of the sample it plays caches whose entries live from half as long as they do to 64 times as long, and
/// counts the reads that find their entry expired there. Where a longer life spares a miss, the next read of the key may
/// come too late again; played key by key, that is counted too, which the mere times between an expiry and the next read
/// would not tell. The sample is spatial, as in ``MissRatioCurve``, so that all reads of its keys count.
///
/// A value type without a lock.
package struct LifetimeCurve: Sendable {
    /// The lifetimes that are played, as multiples of the real one.
    package static let factors = [0.5, 1, 2, 4, 8, 16, 32, 64]

    /// How many misses by expiry, with the real lifetime, the sample needs to tell anything.
    private static let minimumExpirations = 30

    /// How many units of time make a lifetime.
    private static let unitsPerLifetime = 256

    private static let lifetimes = SIMD8<UInt32>(128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384)

    private let maximumKeys: Int
    /// A unit of time in nanoseconds; 0 where nothing is played, because entries do not live.
    private let unit: UInt64
    /// The hashes up to this one are in the sample.
    private var threshold = UInt64.max
    /// When each key of the sample was loaded last, in each of the caches that are played; differences of these times
    /// wrap, after sixteen million lifetimes.
    private var loads: [UInt64: SIMD8<UInt32>] = [:]
    private var expirations = SIMD8<UInt32>()

    /// Makes a curve of nothing.
    ///
    /// - Parameters:
    ///   - timeToLive: How long entries live; zero plays nothing.
    ///   - maximumKeys: How many keys are kept at most, at least 2; each takes 80 bytes.
    package init(timeToLive: Duration, maximumKeys: Int = 1_024) {
        self.maximumKeys = max(2, maximumKeys)
        unit = UInt64(clamping: timeToLive.wholeNanoseconds) / UInt64(Self.unitsPerLifetime)
    }

    /// How many keys are in the sample.
    package var sampledKeys: Int { loads.count }

    /// Takes a read into the sample, if its key belongs there.
    ///
    /// - Parameters:
    ///   - hash: A hash of the key all of whose bits count, the same each time.
    ///   - now: The time in nanoseconds, never less than before.
    /// - Complexity: O(1) on the average.
    package mutating func sample(_ hash: UInt64, at now: UInt64) {
        guard hash <= threshold, unit > 0 else { return }
        let time = SIMD8(repeating: UInt32(truncatingIfNeeded: now / unit))
        guard let loaded = loads[hash] else {
            loads[hash] = time
            if loads.count > maximumKeys { limit(to: threshold / 2) }
            return
        }
        let isExpired = (time &- loaded) .>= Self.lifetimes
        guard any(isExpired) else { return }
        loads[hash] = loaded.replacing(with: time, where: isExpired)
        expirations &+= SIMD8(repeating: 0).replacing(with: 1, where: isExpired)
    }

    /// Leaves only keys in the sample whose hash is up to a limit.
    package mutating func limit(to hash: UInt64) {
        guard hash < threshold else { return }
        threshold = hash
        loads = loads.filter { $0.key <= hash }
    }

    /// Lets what was counted long ago count less, and takes keys in again that were left out.
    package mutating func startHour() {
        expirations = expirations &>> 1
        threshold = .max
    }

    /// For each of ``factors`` the misses by expiry with that lifetime, as a multiple of those with the real one; empty if
    /// the sample has too few to tell.
    package var relativeExpirations: [Double] {
        let real = expirations[1]
        guard real >= Self.minimumExpirations else { return [] }
        return expirations.indices.map { Double(expirations[$0]) / Double(real) }
    }
}
