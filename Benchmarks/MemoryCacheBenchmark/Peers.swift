import Foundation
import Synchronization

/// What one would use without a cache: a dictionary, without a lock and with one.
final class LockedDictionary<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let dictionary: Mutex<[Key: Value]>

    init(_ dictionary: [Key: Value]) { self.dictionary = Mutex(dictionary) }

    @inline(__always)
    func value(forKey key: Key) -> Value? { dictionary.withLock { $0[key] } }
}

/// Foundation's cache, with boxed keys and values as it wants them.
final class BoxedCache: @unchecked Sendable {
    // Safe to share: `NSCache` locks itself.
    private let cache = NSCache<NSNumber, NSNumber>()

    init(count: Int) {
        cache.countLimit = count
        for key in 0..<count { cache.setObject(NSNumber(value: key), forKey: NSNumber(value: key)) }
    }

    @inline(__always)
    func value(forKey key: Int) -> Int? { cache.object(forKey: NSNumber(value: key))?.intValue }
}
