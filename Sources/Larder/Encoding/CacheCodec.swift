/// Turns values into bytes for the tiers outside the process, and back.
///
/// Decoding must never run what the bytes say: it reads data, checks it, and throws where it does not fit. A
/// value that does not decode is a miss, counted and never fatal.
public protocol CacheCodec<Value>: Sendable {
    /// The type of the values.
    associatedtype Value: Sendable

    /// Tells the bytes of this codec from those of others: what another one wrote counts as a miss.
    ///
    /// Numbers below 1,024 are Larder's. A codec of your own that says nothing has 0.
    var identifier: UInt16 { get }

    /// The version of the values' form, to be raised with each change that old bytes do not survive.
    ///
    /// Bytes of another version count as a miss and are never decoded.
    var formatVersion: UInt16 { get }

    /// Appends the encoded value to a buffer.
    ///
    /// - Parameters:
    ///   - value: The value to encode.
    ///   - buffer: The buffer, which may hold bytes already; they must stay.
    /// - Throws: Whatever keeps the value from being encoded.
    func encode(_ value: Value, into buffer: inout [UInt8]) throws

    /// Reads a value.
    ///
    /// - Parameter bytes: What ``encode(_:into:)`` appended, valid during the call only.
    /// - Returns: The value.
    /// - Throws: Whatever does not fit.
    func decode(_ bytes: RawSpan) throws -> Value
}

extension CacheCodec {
    /// A codec has no number unless it says so.
    public var identifier: UInt16 { 0 }
}
