/// A policy that can be asked what it holds without a request.
public protocol PeekablePolicy: EvictionPolicy {
    /// Whether a key is held; changes nothing.
    func contains(_ key: UInt64) -> Bool
}
