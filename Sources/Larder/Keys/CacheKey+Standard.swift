public import struct Foundation.UUID

extension String: CacheKey {
    /// Appends the text as one part.
    public func encode(into encoder: inout CacheKeyEncoder) { encoder.append(self) }
}

extension Substring: CacheKey {
    /// Appends the text as one part.
    public func encode(into encoder: inout CacheKeyEncoder) { encoder.append(self) }
}

extension Bool: CacheKey {
    /// Appends `1` or `0` as one part.
    public func encode(into encoder: inout CacheKeyEncoder) { encoder.append(self) }
}

extension UUID: CacheKey {
    /// Appends the identifier as one part.
    public func encode(into encoder: inout CacheKeyEncoder) { encoder.append(self) }
}

extension Int: CacheKey {
    /// Appends the number as one part.
    public func encode(into encoder: inout CacheKeyEncoder) { encoder.append(self) }
}

extension Int8: CacheKey {
    /// Appends the number as one part.
    public func encode(into encoder: inout CacheKeyEncoder) { encoder.append(self) }
}

extension Int16: CacheKey {
    /// Appends the number as one part.
    public func encode(into encoder: inout CacheKeyEncoder) { encoder.append(self) }
}

extension Int32: CacheKey {
    /// Appends the number as one part.
    public func encode(into encoder: inout CacheKeyEncoder) { encoder.append(self) }
}

extension Int64: CacheKey {
    /// Appends the number as one part.
    public func encode(into encoder: inout CacheKeyEncoder) { encoder.append(self) }
}

extension UInt: CacheKey {
    /// Appends the number as one part.
    public func encode(into encoder: inout CacheKeyEncoder) { encoder.append(self) }
}

extension UInt8: CacheKey {
    /// Appends the number as one part.
    public func encode(into encoder: inout CacheKeyEncoder) { encoder.append(self) }
}

extension UInt16: CacheKey {
    /// Appends the number as one part.
    public func encode(into encoder: inout CacheKeyEncoder) { encoder.append(self) }
}

extension UInt32: CacheKey {
    /// Appends the number as one part.
    public func encode(into encoder: inout CacheKeyEncoder) { encoder.append(self) }
}

extension UInt64: CacheKey {
    /// Appends the number as one part.
    public func encode(into encoder: inout CacheKeyEncoder) { encoder.append(self) }
}
