/// How the values of a namespace are compressed in the store.
///
/// Values are compressed before they are encrypted. Leave it out where somebody who sees sizes may also choose a part of a
/// value that holds a secret.
public struct NamespaceCompression: Sendable {
    /// What compresses.
    public var compressor: any ValueCompressor

    /// From how many bytes on values are compressed without a dictionary, at least 1; 1,024 unless given.
    public var threshold: Int

    /// The most bytes that a value may have when it is decompressed, from 1 to 4 GiB; 16 MiB unless given.
    ///
    /// Larger ones are not compressed, and those that say that they are larger are a miss.
    public var maximumBytes: Int

    /// How dictionaries are trained; `nil` for none.
    public var training: DictionaryTraining?

    /// Makes settings.
    ///
    /// - Parameters:
    ///   - compressor: What compresses.
    ///   - threshold: From how many bytes on values are compressed without a dictionary.
    ///   - maximumBytes: The most bytes that a value may have when it is decompressed.
    ///   - training: How dictionaries are trained; `nil` for none.
    public init(
        _ compressor: any ValueCompressor,
        threshold: Int = 1_024,
        maximumBytes: Int = 16 << 20,
        training: DictionaryTraining? = nil
    ) {
        self.compressor = compressor
        self.threshold = threshold
        self.maximumBytes = maximumBytes
        self.training = training
    }

    func validate() throws(CacheError) {
        guard threshold >= 1, maximumBytes >= 1, maximumBytes <= Int(UInt32.max) else {
            throw CacheError(
                .invalidConfiguration,
                "The threshold and maximumBytes of a compression have to be at least 1, and maximumBytes below 4 GiB."
            )
        }
        guard compressor.identifier != 0 else {
            throw CacheError(.invalidConfiguration, "A compressor has the number 0; give it 128 to 255.")
        }
        try training?.validate()
    }
}

/// How dictionaries are trained from the values of a namespace.
///
/// Small values that are like each other, the usual ones in a cache, have little to repeat within themselves; a dictionary
/// holds what they have in common. It is trained in the background, kept in the store beside the entries, and trained
/// again when it no longer fits.
public struct DictionaryTraining: Hashable, Sendable {
    /// How many values a dictionary is trained from, 8 to 100,000; 1,000 unless given.
    public var samples = 1_000

    /// The most bytes of a dictionary, 256 bytes to 1 MiB; 32 KiB unless given.
    public var maximumBytes = 32 << 10

    /// From how many bytes on values are compressed with a dictionary, at least 1; 64 unless given.
    public var threshold = 64

    /// How much larger compressed values may become, as a share, before a new dictionary is trained; 0.25 unless given.
    public var tolerance = 0.25

    /// Makes settings.
    public init() {}

    func validate() throws(CacheError) {
        guard (8...100_000).contains(samples), (256...1 << 20).contains(maximumBytes), threshold >= 1, tolerance > 0
        else {
            throw CacheError(
                .invalidConfiguration,
                """
                A setting of the training of dictionaries is out of its range: samples 8 to 100,000, maximumBytes 256 to \
                1,048,576, threshold at least 1, tolerance more than 0.
                """
            )
        }
    }
}
