/// A model of how a cache of bounded size chooses what to keep.
///
/// A model holds keys only. A request of a key that is not held is followed by its insertion, if the policy admits it.
public protocol EvictionPolicy: Sendable {
    /// Makes an empty cache.
    ///
    /// - Parameter capacity: How many entries it may hold, at least 1.
    init(capacity: Int)

    /// How many entries the cache holds, at most its capacity.
    var count: Int { get }

    /// Asks for a key, and stores it if it was not held and the policy admits it.
    ///
    /// - Parameter key: The key.
    /// - Returns: Whether the key was held.
    /// - Complexity: O(1), amortised.
    mutating func request(_ key: UInt64) -> Bool
}

/// A policy that can also bound the sum of the entries' weights, such as their sizes in bytes.
///
/// The capacity is then the greatest sum of weights. An entry that is heavier than the capacity is never stored.
public protocol WeighingPolicy: EvictionPolicy {
    /// The sum of the weights of the entries, at most the capacity.
    var weight: Int { get }

    /// Asks for a key, and stores it with a weight if it was not held.
    ///
    /// The weight of a key that is held stays as it was.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - weight: The weight of the entry, 0 or more.
    /// - Returns: Whether the key was held.
    mutating func request(_ key: UInt64, weight: Int) -> Bool
}

extension WeighingPolicy {
    /// Asks for a key whose entry has the weight 1.
    ///
    /// - Parameter key: The key.
    /// - Returns: Whether the key was held.
    public mutating func request(_ key: UInt64) -> Bool { request(key, weight: 1) }
}
