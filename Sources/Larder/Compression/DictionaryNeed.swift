/// Finds out from the values that go by when a dictionary has to be trained, and from which values.
///
/// The first dictionary is due once there are enough samples. From then on the sizes of the next values tell what it is
/// worth; when later ones are larger by more than the tolerance, the next dictionary is due, of newer samples.
struct DictionaryNeed: Sendable {
    private let training: DictionaryTraining
    private var samples: [[UInt8]] = []
    private var sampledBytes = 0
    private var isTraining = false
    private var hasDictionary = false
    private var baseline = Ratio()
    private var recent = Ratio()

    private struct Ratio {
        var values = 0
        var plain = 0
        var compressed = 0

        var share: Double { Double(compressed) / Double(max(1, plain)) }

        mutating func add(_ plain: Int, _ compressed: Int) {
            values += 1
            self.plain += plain
            self.compressed += compressed
        }
    }

    /// Larger values are no samples: they have enough to repeat within themselves.
    private static let largestSample = 16 << 10
    private static let maximumSampledBytes = 4 << 20

    init(_ training: DictionaryTraining) {
        self.training = training
    }

    /// Notes a value, and what it was compressed to.
    ///
    /// - Returns: The samples that a dictionary is to be trained from now; nil for none.
    mutating func note(_ value: [UInt8], compressedTo size: Int?) -> [[UInt8]]? {
        guard !isTraining else { return nil }
        if hasDictionary, let size {
            if baseline.values < training.samples {
                baseline.add(value.count, size)
                return nil
            }
            recent.add(value.count, size)
            if recent.values >= training.samples {
                let isWorn = recent.share > baseline.share * (1 + training.tolerance)
                recent = Ratio()
                if !isWorn {
                    samples = []
                    sampledBytes = 0
                    return nil
                }
                return takeSamples()
            }
        }
        if value.count <= Self.largestSample, sampledBytes < Self.maximumSampledBytes {
            samples.append(value)
            sampledBytes += value.count
        }
        let isFull = samples.count >= training.samples || sampledBytes >= Self.maximumSampledBytes
        return !hasDictionary && isFull ? takeSamples() : nil
    }

    private mutating func takeSamples() -> [[UInt8]]? {
        guard samples.count >= 8 else { return nil }
        isTraining = true
        defer {
            samples = []
            sampledBytes = 0
        }
        return samples
    }

    /// Notes that there is another dictionary, or that none could be made.
    mutating func settle(hasDictionary: Bool) {
        isTraining = false
        self.hasDictionary = self.hasDictionary || hasDictionary
        if hasDictionary {
            baseline = Ratio()
            recent = Ratio()
        }
        samples = []
        sampledBytes = 0
    }
}
