/// Makes the bytes of values smaller on their way out of the process.
///
/// The product LarderCompression has two: Zstandard and LZ4.
public protocol ValueCompressor: Sendable {
    /// The number by which entries name the form, 1 to 255. Numbers below 128 are Larder's.
    var identifier: UInt8 { get }

    /// Compresses.
    ///
    /// - Parameter bytes: What to compress, valid during the call only.
    /// - Returns: The compressed form; it may be longer.
    /// - Throws: Whatever keeps the compressor from working.
    func compress(_ bytes: RawSpan) throws -> [UInt8]

    /// Decompresses, without ever allocating more than it was told.
    ///
    /// - Parameters:
    ///   - bytes: The compressed form.
    ///   - size: What it has to become, exactly; already within the limit of the namespace.
    /// - Returns: As many bytes as `size`.
    /// - Throws: ``InvalidBytes`` if they become anything else.
    func decompress(_ bytes: RawSpan, size: Int) throws(InvalidBytes) -> [UInt8]

    /// Makes a dictionary of values like those to come.
    ///
    /// - Parameters:
    ///   - samples: The values.
    ///   - maximumBytes: How large the dictionary may be.
    /// - Returns: The dictionary, or `nil` for a form that has none, or samples that have too little in common.
    func train(_ samples: [[UInt8]], maximumBytes: Int) -> [UInt8]?

    /// The same form, with a dictionary that ``train(_:maximumBytes:)`` made.
    ///
    /// - Parameter dictionary: The dictionary.
    /// - Returns: A compressor that needs the same dictionary to decompress.
    /// - Throws: ``InvalidBytes`` if it is none.
    func using(dictionary: [UInt8]) throws(InvalidBytes) -> any ValueCompressor
}

extension ValueCompressor {
    /// A form has no dictionaries unless it says so.
    public func train(_ samples: [[UInt8]], maximumBytes: Int) -> [UInt8]? { nil }

    /// A form has no dictionaries unless it says so.
    public func using(dictionary: [UInt8]) throws(InvalidBytes) -> any ValueCompressor {
        throw InvalidBytes("unknown dictionary")
    }
}
