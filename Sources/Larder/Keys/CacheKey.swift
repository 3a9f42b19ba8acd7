/// A value that names an entry.
///
/// In memory, keys are compared and hashed as they are. For the tiers outside the process a key writes itself in
/// a form that is the same in each process and each run: never by `hashValue`, which is seeded anew in each
/// process, and never by `description`, which may change.
///
/// Strings, integers, `Bool`, `UUID`, and types with such a raw value conform already. Others append their parts:
///
/// ```swift
/// struct PageKey: CacheKey {
///     var site: String
///     var page: Int
///
///     func encode(into encoder: inout CacheKeyEncoder) {
///         encoder.append(site)
///         encoder.append(page)
///     }
/// }
/// ```
///
/// Two keys that are equal must append equal parts, and two that differ must append different ones.
public protocol CacheKey: Hashable, Sendable {
    /// Appends the parts that tell this key from others of its type.
    ///
    /// - Parameter encoder: Takes the parts, in order.
    func encode(into encoder: inout CacheKeyEncoder)
}

extension CacheKey where Self: RawRepresentable, RawValue: CacheKey {
    /// Appends the parts of the raw value.
    public func encode(into encoder: inout CacheKeyEncoder) {
        rawValue.encode(into: &encoder)
    }
}
