import Foundation

/// `NSCache` behind the calls that the benchmark makes.
///
/// Keys and values are boxed for each call, because `NSCache` holds objects only: a caller that has integers or
/// strings pays for that.
final class NSCachePeer<Key: Hashable & Sendable, Value: Sendable>: @unchecked Sendable {
    // Unchecked, because Foundation does not declare on all platforms that NSCache is thread-safe, which it is.
    private let cache = NSCache<KeyBox<Key>, ValueBox<Value>>()

    /// Creates a cache that holds about as many entries as `capacity`.
    init(capacity: Int) { cache.countLimit = capacity }

    /// Returns the value of a key, or nil.
    func value(forKey key: Key) -> Value? { cache.object(forKey: KeyBox(key))?.value }

    /// Sets the value of a key.
    func setValue(_ value: Value, forKey key: Key) { cache.setObject(ValueBox(value), forKey: KeyBox(key)) }
}

private final class KeyBox<Key: Hashable>: NSObject {
    let key: Key

    init(_ key: Key) { self.key = key }

    override var hash: Int { key.hashValue }

    override func isEqual(_ object: Any?) -> Bool { (object as? KeyBox<Key>)?.key == key }
}

private final class ValueBox<Value> {
    let value: Value

    init(_ value: Value) { self.value = value }
}
